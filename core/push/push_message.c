#include "core/push/push_message.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/sign.h"

enum { KEY = 16, NONCE = 12, TAG = 16, IKM = 32, DELIMITER = 2, INFO_MAX = 160, TEXT_MAX = 160 };

static void must(bool good)
{
    if (!good)
        abort();
}

static void kdf_ctx_free(EVP_KDF_CTX **ctx)
{
    EVP_KDF_CTX_free(*ctx);
}

static void cipher_ctx_free(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

struct bytes {
    const void *at;
    size_t len;
};

/* HKDF with SHA-256 (RFC 5869). */
static void hkdf(
    struct bytes salt, struct bytes ikm, struct bytes info, unsigned char *ret, size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    CLEANUP(kdf_ctx_free) EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    EVP_KDF_free(kdf);
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.at, salt.len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)ikm.at, ikm.len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info.at, info.len),
        OSSL_PARAM_construct_end(),
    };
    must(ctx && EVP_KDF_derive(ctx, ret, n, params) == 1);
}

/* The text and its delimiter, encrypted, and the tag. */
static void seal(const unsigned char key[KEY], const unsigned char nonce[NONCE], struct bytes text,
    unsigned char *ret)
{
    static const unsigned char last = DELIMITER;
    CLEANUP(cipher_ctx_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0, more = 0, end = 0;
    must(ctx && EVP_EncryptInit_ex2(ctx, EVP_aes_128_gcm(), key, nonce, NULL) == 1 &&
         EVP_EncryptUpdate(ctx, ret, &n, text.at, (int)text.len) == 1 &&
         EVP_EncryptUpdate(ctx, ret + n, &more, &last, 1) == 1 &&
         EVP_EncryptFinal_ex(ctx, ret + n + more, &end) == 1 &&
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, ret + n + more + end) == 1);
}

void push_record(const unsigned char *key, size_t key_len, const unsigned char salt[PUSH_SALT],
    const void *keyid, size_t keyid_len, const void *text, size_t len, struct strbuf *b)
{
    static const char key_info[] = "Content-Encoding: aes128gcm",
                      nonce_info[] = "Content-Encoding: nonce";
    static const unsigned char size[] = {0, 0, PUSH_BODY_MAX >> 8, 0};
    unsigned char content_key[KEY], nonce[NONCE], sealed[PUSH_PLAIN_MAX + 1 + TAG];
    struct bytes salted = {salt, PUSH_SALT}, ikm = {key, key_len};
    must(len <= PUSH_PLAIN_MAX && keyid_len <= P256_POINT);
    hkdf(salted, ikm, (struct bytes){key_info, sizeof key_info}, content_key, KEY);
    hkdf(salted, ikm, (struct bytes){nonce_info, sizeof nonce_info}, nonce, NONCE);
    seal(content_key, nonce, (struct bytes){text, len}, sealed);
    sodium_memzero(content_key, sizeof content_key);
    strbuf_add(b, salt, PUSH_SALT);
    strbuf_add(b, size, sizeof size);
    strbuf_addch(b, (char)keyid_len);
    strbuf_add(b, keyid, keyid_len);
    strbuf_add(b, sealed, len + 1 + TAG);
}

bool push_encrypt_by(const struct push_keys *keys, const struct p256 *sender,
    const unsigned char salt[PUSH_SALT], const void *text, size_t len, struct strbuf *b)
{
    unsigned char shared[P256_SHARED], point[P256_POINT], ikm[IKM], info[INFO_MAX];
    static const char head[] = "WebPush: info";
    if (len > PUSH_PLAIN_MAX || !p256_shared(sender, keys->point, shared))
        return false;
    p256_public(sender, point);
    size_t n = sizeof head; /* with its NUL */
    memcpy(info, head, n);
    memcpy(info + n, keys->point, P256_POINT);
    memcpy(info + n + P256_POINT, point, P256_POINT);
    n += 2 * (size_t)P256_POINT;
    hkdf((struct bytes){keys->auth, PUSH_AUTH}, (struct bytes){shared, sizeof shared},
        (struct bytes){info, n}, ikm, IKM);
    push_record(ikm, IKM, salt, point, P256_POINT, text, len, b);
    sodium_memzero(shared, sizeof shared);
    sodium_memzero(ikm, sizeof ikm);
    return true;
}

bool push_encrypt(const struct push_keys *keys, const void *text, size_t len, struct strbuf *b)
{
    unsigned char salt[PUSH_SALT];
    CLEANUP(p256_freep) struct p256 *sender = p256_random();
    randombytes_buf(salt, sizeof salt);
    return push_encrypt_by(keys, sender, salt, text, len, b);
}

/* Browsers omit the padding; other programs may not. */
static bool decode(const char *text, unsigned char *ret, size_t len)
{
    size_t n = 0, chars = strlen(text);
    while (chars && text[chars - 1] == '=')
        chars--;
    return sodium_base642bin(ret, len, text, chars, NULL, &n, NULL,
               sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           n == len;
}

enum rc push_keys_read(struct scope *s, const char *p256dh, const char *auth, struct push_keys *ret)
{
    struct push_keys keys;
    if (!decode(p256dh, keys.point, P256_POINT))
        return fail_field(s, RC_INVALID, "p256dh", "must be 65 bytes as base64url");
    if (!p256_is_point(keys.point))
        return fail_field(s, RC_INVALID, "p256dh", "must be a point of the curve P-256");
    if (!decode(auth, keys.auth, PUSH_AUTH))
        return fail_field(s, RC_INVALID, "auth", "must be 16 bytes as base64url");
    *ret = keys;
    return RC_OK;
}

const char *push_keys_text(struct scope *s, const struct push_keys *keys)
{
    STRBUF(b, TEXT_MAX);
    sign_base64url(&b, keys->point, P256_POINT);
    strbuf_addch(&b, ' ');
    sign_base64url(&b, keys->auth, PUSH_AUTH);
    return strbuf_copy(&b, s);
}

enum rc push_keys_parse(struct scope *s, const char *text, struct push_keys *ret)
{
    const char *space = strchr(text, ' ');
    if (!space)
        return fail_field(s, RC_INVALID, "secret", "must be the keys p256dh and auth of a browser");
    return push_keys_read(s, scope_strndup(s, text, (size_t)(space - text)), space + 1, ret);
}
