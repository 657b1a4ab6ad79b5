#pragma once
/* An address on a channel: checked, normalised, hashed, and its displayable form. */
#include <stdbool.h>

#include "api/call/api.h"
#include "core/scope.h"
#include "messages/channel.h"

struct address {
    const char *channel;
    const char *normal;            /* the address to send to */
    const char *shown;             /* stored unencrypted, hence redacted for a secret URL */
    bool secret;                   /* normal is stored sealed */
    bool bot;                      /* a Slack channel that requires a bot's token */
    const char *keys;              /* of a browser, the secret to store; NULL: no browser */
    unsigned char hash[SIGN_HASH]; /* of its unique form */
};

/* RC_INVALID on the field "address" or "channel". */
enum rc address_check(struct scope *s, const struct api *api, const char *channel,
    const char *address, struct address *ret);

/* Check the keys of a browser's subscription and add them. RC_INVALID on "p256dh" or "auth", also
 * if another channel has them or push lacks them. */
enum rc address_keys(
    struct scope *s, const char *p256dh, const char *auth, struct address *address);

/* The stored form: AAD "subscriber:WHAT:ID"; hex in s. */
char *address_seal(
    struct scope *s, const struct api *api, const char *what, int64_t id, const char *text);

/* Open a text sealed by address_seal; hex NULL: *ret is unchanged. */
enum rc address_open(struct scope *s, const struct api *api, const char *what, int64_t id,
    const char *hex, const char **ret);
