#pragma once
/*
 * The ways to reach a reader: those of this enum, and one per document of a channel
 * (provider.h), numbered from CHANNEL_DOCUMENTS on (channels.h).
 */
#include <stddef.h>

struct provider;

enum channel {
    CHANNEL_EMAIL,
    CHANNEL_SMS,
    CHANNEL_SLACK,
    CHANNEL_WEBHOOK,
    CHANNEL_PUSH, /* a browser (RFC 8030) */
    CHANNEL_DOCUMENTS,
    CHANNEL_COUNT = 48 /* at most */
};

/* The database's words: "email". Behind the last channel NULL. */
extern const char *channel_name[CHANNEL_COUNT + 1];

/* CHANNEL_COUNT where no channel has this name. */
enum channel channel_of(const char *name);

/* NULL: the channel is one of the enum. Lives as long as the process. */
const struct provider *channel_document(enum channel channel);

/* The n documents from CHANNEL_DOCUMENTS on (channels.h). They and the array outlive all readers.
 */
void channel_register(const struct provider *const *documents, const char *const *names, size_t n);
