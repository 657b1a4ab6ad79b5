#pragma once
/*
 * An ID token of OpenID Connect (Core 1.0, 3.1.3.7): libcjose checks its signature, we check its
 * claims. Pure: the time is a parameter, the provider's keys are text.
 *
 * Only RS256 and ES256 are accepted: "none" and the keyed hashes (HS256) are refused before a key
 * is looked up, so that a public key can never serve as a shared secret.
 */
#include <jansson.h>
#include <stdint.h>

#include "core/scope.h"

enum { OIDC_SKEW_SECONDS = 60, OIDC_AGE_SECONDS = 600 };

struct oidc_expected {
    const char *issuer;    /* exact, including a final slash */
    const char *client_id; /* must be in aud, and equal azp if present */
    const char *nonce;     /* of this sign-in */
    int64_t now;           /* us since 1970 */
};

/* keys: the provider's JWK set, as JSON text. s owns *ret_claims. The fault of RC_DENIED names the
 * failed check and contains no part of the token. */
enum rc oidc_token_check(struct scope *s, const char *token, const char *keys,
    const struct oidc_expected *expected, const json_t **ret_claims);
