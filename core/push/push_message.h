#pragma once
/*
 * The body of a web push message: RFC 8291 (keys) over RFC 8188 (aes128gcm), in one record.
 *
 *     struct push_keys keys;
 *     TRY(push_keys_read(s, p256dh, auth, &keys));
 *     if (!push_encrypt(&keys, json, len, &body))
 *         ...; // longer than PUSH_PLAIN_MAX
 */
#include "core/push/p256.h"
#include "core/strbuf.h"

/* A push service takes 4096 bytes (RFC 8030 7.2), of which the header has 86, the tag 16 and the
 * delimiter one (RFC 8291 4). */
enum { PUSH_AUTH = 16, PUSH_SALT = 16, PUSH_BODY_MAX = 4096, PUSH_PLAIN_MAX = 3993 };

/* Of a subscription (RFC 8291 3.1, 3.2). */
struct push_keys {
    unsigned char point[P256_POINT];
    unsigned char auth[PUSH_AUTH];
};

/* From base64url, as PushSubscription.toJSON() has them. RC_INVALID on "p256dh" or "auth". */
enum rc push_keys_read(
    struct scope *s, const char *p256dh, const char *auth, struct push_keys *ret);

/* "P256DH AUTH", the form in which a subscriber's secret has them, and back. RC_INVALID on
 * "secret" or as above. */
const char *push_keys_text(struct scope *s, const struct push_keys *keys);
enum rc push_keys_parse(struct scope *s, const char *text, struct push_keys *ret);

/* Append the body, with new keys and salt; false, and nothing appended, if the text is longer than
 * PUSH_PLAIN_MAX or the subscription's key is no point. */
bool push_encrypt(const struct push_keys *keys, const void *text, size_t len, struct strbuf *b);
/* The same with these, which no two messages may share. */
bool push_encrypt_by(const struct push_keys *keys, const struct p256 *sender,
    const unsigned char salt[PUSH_SALT], const void *text, size_t len, struct strbuf *b);

/* RFC 8188: append header and one final record of a text under a key of 16 bytes; the keyid is in
 * the header. The text is at most PUSH_PLAIN_MAX long. */
void push_record(const unsigned char *key, size_t key_len, const unsigned char salt[PUSH_SALT],
    const void *keyid, size_t keyid_len, const void *text, size_t len, struct strbuf *b);
