#ifndef API_SUBSCRIBERS_ADDRESS_H
#define API_SUBSCRIBERS_ADDRESS_H
/* An address on a channel: checked, normalised, hashed, and what of it may be shown. */
#include <stdbool.h>

#include "api/call/api.h"
#include "core/scope.h"

struct address {
    const char *channel;
    const char *normal;            /* what is sent to */
    const char *shown;             /* stored in the clear: redacted where it is a secret URL */
    bool secret;                   /* normal is stored sealed */
    bool bot;                      /* a Slack channel that is reached with a bot's token */
    unsigned char hash[SIGN_HASH]; /* of its unique form */
};

extern const char *const address_channels[]; /* of the schema */

/* RC_INVALID on the field "address" or "channel". */
enum rc address_check(struct scope *s, const struct api *api, const char *channel,
    const char *address, struct address *ret);

/* The stored form: AAD "subscriber:WHAT:ID"; hex in s. */
char *address_seal(
    struct scope *s, const struct api *api, const char *what, int64_t id, const char *text);

/* What address_seal made of a text; hex NULL: *ret stays as it is. */
enum rc address_open(struct scope *s, const struct api *api, const char *what, int64_t id,
    const char *hex, const char **ret);

#endif
