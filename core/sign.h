#pragma once
/*
 * Keys: signed links, sealed secrets, keyed hashes. libsodium, "Key derivation" (a subkey per
 * purpose), "Generic hashing" and "XChaCha20-Poly1305 construction".
 *
 * The key file holds lines `KID BASE64(32 bytes)`; the first signs and seals, all
 * verify and open. Keys are loaded once and read-only afterwards, from any thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/strbuf.h"

enum sign_purpose {
    SIGN_UNSUBSCRIBE,
    SIGN_CONFIRM,
    SIGN_MANAGE,
    SIGN_CREDIT,
    SIGN_RETURN_PATH,
    SIGN_CURSOR,
    SIGN_SMS_STATUS,
    SIGN_SLACK_STATE,
    SIGN_INVITATION,
    SIGN_POLICY,
    SIGN_CLAIM,
    SIGN_REPORT,
    SIGN_ACCOUNT,
    SIGN_SLACK_LINK,
    SIGN_JOIN,
    SIGN_PURPOSES
};

struct sign; /* the loaded keys */

/* Load, or with create make the file (0600) when it is missing. Secrets: wiped by sign_free. */
enum rc sign_load(struct scope *s, const char *path, bool create, struct sign **ret);
void sign_free(struct sign *keys);

enum { SIGN_TOKEN_MAX = 256, SIGN_TAG = 16, SIGN_HASH = 32 };

/* `<kid>.<base64url(payload || tag)>` appended to b; payload at most 128 bytes. */
void sign_token(const struct sign *keys, enum sign_purpose purpose, const void *payload, size_t len,
    struct strbuf *b);
/* Verify and copy the payload (at most cap bytes). RC_DENIED for any failure, without a reason.
 */
enum rc sign_verify(struct scope *s, const struct sign *keys, enum sign_purpose purpose,
    const char *token, void *payload, size_t cap, size_t *ret_len);

/* Links carry ids and, if they expire, a time. scope_id: 0, or the id of the incident, component
 * ... */
struct link_token {
    int64_t id;      /* subscriber or credit */
    int64_t extra;   /* 0, or an id that depends on the purpose */
    int64_t expires; /* us, or 0: never */
};
void sign_link(
    const struct sign *keys, enum sign_purpose purpose, struct link_token link, struct strbuf *b);
enum rc sign_link_open(struct scope *s, const struct sign *keys, enum sign_purpose purpose,
    const char *token, int64_t now, struct link_token *ret);

/* Append the id of a broadcast to a recipient, used as the left side of the Message-ID and as the
 * webhook-id: the same on every attempt by any process. Contains no dot. */
void sign_message_id(
    const struct sign *keys, int64_t broadcast, int64_t recipient, struct strbuf *b);

/* Append the six-digit confirmation code of a message, derived from it so that it need not be
 * stored. */
void sign_code(const struct sign *keys, int64_t broadcast, int64_t recipient, struct strbuf *b);

/* Keyed hash of a normalised address, for uniqueness and suppression. channel is the word. */
void sign_address_hash(const struct sign *keys, const char *channel, const char *address,
    unsigned char ret[SIGN_HASH]);

/* XChaCha20-Poly1305 with additional data; result is nonce || ciphertext, owned by s. */
void sign_seal(struct scope *s, const struct sign *keys, const char *aad, const void *plain,
    size_t len, unsigned char **ret, size_t *ret_len);
enum rc sign_open(struct scope *s, const struct sign *keys, const char *aad,
    const unsigned char *sealed, size_t len, char **ret_text);
/* The same from hexadecimal digits, as SQL's encode() gives a column. */
enum rc sign_open_hex(
    struct scope *s, const struct sign *keys, const char *aad, const char *hex, char **ret_text);

/* Ed25519 signatures for the ledger's chain. Each key of the file has a pair of its own: the first
 * signs; anybody who has its public key can check. */
enum { SIGN_PUBLIC = 32, SIGN_SIGNATURE = 64 };
void sign_statement(const struct sign *keys, const void *text, size_t len,
    unsigned char ret_signature[SIGN_SIGNATURE], unsigned char ret_public[SIGN_PUBLIC]);
bool sign_statement_is_by(const unsigned char public[SIGN_PUBLIC],
    const unsigned char signature[SIGN_SIGNATURE], const void *text, size_t len);
/* The nth public key, from 0, and its kid; NULL after the last. */
const char *sign_public(const struct sign *keys, size_t n, unsigned char ret[SIGN_PUBLIC]);

/* The seed of the key that signs web push (core/push/vapid.h): of the oldest key of the file, since
 * browsers subscribe to its public half. Secret. */
enum { SIGN_PUSH_SEED = 48 };
void sign_push_seed(const struct sign *keys, unsigned char ret[SIGN_PUSH_SEED]);

/* HMAC-SHA256 with a key of any length. */
void sign_hmac_sha256(
    const void *key, size_t key_len, const void *bytes, size_t len, unsigned char ret[32]);
/* Base64 (RFC 4648 4) and its URL form without padding, appended to b. */
void sign_base64(struct strbuf *b, const void *bytes, size_t len);
void sign_base64url(struct strbuf *b, const void *bytes, size_t len);
/* n random bytes as base64url in s. */
char *sign_random(struct scope *s, size_t n);
