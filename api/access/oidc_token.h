#ifndef API_ACCESS_OIDC_TOKEN_H
#define API_ACCESS_OIDC_TOKEN_H
/*
 * An ID token of OpenID Connect (Core 1.0, 3.1.3.7): its signature by libcjose, its claims by
 * us. Pure: the time is a parameter, the provider's keys are text.
 *
 * Signed by RS256 or ES256 and nothing else: "none" and the keyed hashes (HS256) are refused
 * before a key is looked for, so that a public key can never be taken for a shared secret.
 */
#include <jansson.h>
#include <stdint.h>

#include "core/scope.h"

enum { OIDC_SKEW_SECONDS = 60, OIDC_AGE_SECONDS = 600 };

struct oidc_expected {
    const char *issuer;    /* exactly, also its last slash */
    const char *client_id; /* must be in aud, and azp where there is one */
    const char *nonce;     /* of this sign-in */
    int64_t now;           /* us since 1970 */
};

/* keys: the provider's JWK set, as JSON text. *ret_claims is s's. RC_DENIED says in the fault
 * which check failed, and nothing of the token. */
enum rc oidc_token_check(struct scope *s, const char *token, const char *keys,
    const struct oidc_expected *expected, const json_t **ret_claims);

#endif
