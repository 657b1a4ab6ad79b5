#pragma once
/*
 * Keys on the curve P-256 (FIPS 186-5, SP 800-186) by libcrypto, for web push: ECDH, and
 * signatures by ES256 (RFC 7518 3.4).
 *
 *     CLEANUP(p256_freep) struct p256 *key = p256_derived(seed);
 *     p256_public(key, point);
 */
#include <stdbool.h>
#include <stddef.h>

#include "core/scope.h"

/* A point is uncompressed: 4, x, y (SEC 1 2.3.3). */
enum { P256_SCALAR = 32, P256_POINT = 65, P256_SHARED = 32, P256_SIGNATURE = 64, P256_SEED = 48 };

struct p256; /* a private key */

/* The key with this scalar, 1 to n - 1; NULL for another one. */
struct p256 *p256_of(const unsigned char scalar[P256_SCALAR]);
/* The key that belongs to 48 random bytes (FIPS 186-5 A.2.1); always the same one. */
struct p256 *p256_derived(const unsigned char seed[P256_SEED]);
struct p256 *p256_random(void);
void p256_free(struct p256 *key); /* NULL is fine */
void p256_freep(struct p256 **key);

void p256_public(const struct p256 *key, unsigned char ret[P256_POINT]);

/* Is it a point of the curve? */
bool p256_is_point(const unsigned char point[P256_POINT]);

/* The x coordinate of the common point; false if theirs is no point. */
bool p256_shared(
    const struct p256 *key, const unsigned char theirs[P256_POINT], unsigned char ret[P256_SHARED]);

/* r and s, each of 32 bytes, over the SHA-256 of the text. */
void p256_sign(
    const struct p256 *key, const void *text, size_t len, unsigned char ret[P256_SIGNATURE]);
