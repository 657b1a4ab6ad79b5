#ifndef MESSAGES_CONTENT_H
#define MESSAGES_CONTENT_H
/*
 * What is sent: compiled once per broadcast x channel x locale x zone (and, of
 * a digest, what it tells of) into fixed
 * pieces with placeholders. Made by the database thread, read by the senders.
 */
#include "messages/broadcast.h"
#include "messages/mime.h"
#include "messages/text_template.h"

struct content {
    enum channel channel;
    const char *locale, *timezone;
    const char *selection;     /* of a digest: its incidents; else "" */
    const char *format;        /* of a webhook: amends, statuspage */
    const char *trouble;       /* NULL, or why it can not be sent: a word for delivery.reason */
    struct mime_message *mail; /* e-mail */
    const char *subject, *plain, *html; /* of it, with their placeholders, for previews */
    struct text_template text;          /* the other channels: a body, or the text of an SMS */
    int segments;                       /* of an SMS, with a token as long as they get */
    struct content *following;
};

/* What makes the same text. NULL: "en", "UTC", nothing, "amends". */
struct content_for {
    const char *locale, *timezone, *selection, *format;
};

/* RC_RETRY and RC_INTERNAL come from the database. A text that can not be made is logged
 * once and is a content with .trouble. It lives as long as the broadcast. */
enum rc content_get(struct scope *s, struct db *db, struct broadcasts *all, struct broadcast *b,
    enum channel channel, const struct content_for *reader, const struct content **ret);

#endif
