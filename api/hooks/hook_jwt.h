#pragma once
/*
 * Callbacks signed by a JSON Web Token (RFC 7519, HS256 of RFC 7518) with hashes of the request, as
 * Vonage and MessageBird send. Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hook_jwt {
    const char *secret; /* "": verifies nothing */
    const char *issuer; /* claim iss */
    const char *url;    /* its SHA-256 is claim url_hash; NULL: not required */
    const char *body;   /* its SHA-256 is claim payload_hash, unless it is empty */
    size_t len;
};

/* given: the token, or NULL. now: us. A token is valid until its exp, or without one for five
 * minutes after its iat; clocks may differ by five seconds. */
bool hook_jwt_verifies(const struct hook_jwt *want, const char *given, int64_t now);
