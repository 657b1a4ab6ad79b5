#ifndef API_ACCESS_PASSWORD_H
#define API_ACCESS_PASSWORD_H
/* Passwords and one-time codes. Each hashing takes 64 MiB and some 50 ms: two at a time in
 * a process, whoever else waits. */
#include <stdbool.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/sign.h"

enum { PASSWORD_MIN = 12, PASSWORD_MAX = 200, TOTP_SECRET = 20 };

/* Argon2id of a password, as crypto_pwhash_str writes it. RC_INVALID on "password": too
 * short or too long (NIST SP 800-63B: length is what counts). */
enum rc password_hash(struct scope *s, const char *password, const char **ret);

/* Whether it is the one; hash NULL (nobody of that name) takes as long and is false. */
bool password_matches(const char *hash, const char *password);

/* A new secret for RFC 6238: raw, and in base32 as people type it. */
const char *totp_new(struct scope *s, unsigned char ret[TOTP_SECRET]);

/* Sealed for the database, bound to the person; and opened from its hex. RC_DENIED: not ours. */
void totp_seal(struct scope *s, const struct sign *keys, int64_t staff_id,
    const unsigned char secret[TOTP_SECRET], unsigned char **ret, size_t *ret_len);
enum rc totp_open(struct scope *s, const struct sign *keys, int64_t staff_id,
    const char *sealed_hex, const unsigned char **ret, size_t *ret_len);

/* The step (RFC 6238: 30 s) that a six-digit code belongs to, one step of clock skew either
 * way; -1: none, or one that is not after last_step. */
int64_t totp_step(const void *secret, size_t len, const char *code, int64_t last_step);

#endif
