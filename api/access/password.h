#pragma once
/* Passwords and one-time codes. Each hashing takes 64 MiB and about 50 ms: a process runs two at a
 * time, others wait. */
#include <stdbool.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/sign.h"

enum { PASSWORD_MIN = 12, PASSWORD_MAX = 200, TOTP_SECRET = 20 };

/* Argon2id of a password, as crypto_pwhash_str writes it. RC_INVALID on "password": too
 * short or too long (NIST SP 800-63B: length is what counts). */
enum rc password_hash(struct scope *s, const char *password, const char **ret);

/* Whether the password matches; for hash NULL (unknown login) it takes as long and is false. */
bool password_matches(const char *hash, const char *password);

/* A new secret for RFC 6238: raw, and in base32 for typing. */
const char *totp_new(struct scope *s, unsigned char ret[TOTP_SECRET]);

/* Seal it for the database, bound to the person; and open it from hex. RC_DENIED: not ours. */
void totp_seal(struct scope *s, const struct sign *keys, int64_t staff_id,
    const unsigned char secret[TOTP_SECRET], unsigned char **ret, size_t *ret_len);
enum rc totp_open(struct scope *s, const struct sign *keys, int64_t staff_id,
    const char *sealed_hex, const unsigned char **ret, size_t *ret_len);

/* The time step (RFC 6238: 30 s) of a six-digit code, allowing one step of clock skew either way;
 * -1: none, or not after last_step. */
int64_t totp_step(const void *secret, size_t len, const char *code, int64_t last_step);
