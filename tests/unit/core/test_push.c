/* Web push: the vectors of RFC 8188, RFC 8291 and RFC 8292, and what must be refused. */
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/push/push_message.h"
#include "core/push/vapid.h"
#include "tests/unit/tap.h"

enum { BYTES_MAX = 4096 };

static size_t decoded(const char *text, unsigned char ret[BYTES_MAX])
{
    size_t len = 0;
    if (sodium_base642bin(ret, BYTES_MAX, text, strlen(text), NULL, &len, NULL,
            sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        abort();
    return len;
}

static const char *encoded(struct scope *s, const struct strbuf *b)
{
    STRBUF(text, 2 * BYTES_MAX);
    sign_base64url(&text, b->buf, b->len);
    return strbuf_copy(&text, s);
}

/* RFC 8188 3.1. */
static void test_record(struct scope *s)
{
    unsigned char key[BYTES_MAX], salt[BYTES_MAX];
    size_t len = decoded("yqdlZ-tYemfogSmv7Ws5PQ", key);
    decoded("I1BsxtFttlv3u_Oo94xnmw", salt);
    STRBUF(b, BYTES_MAX);
    push_record(key, len, salt, "", 0, "I am the walrus", 15, &b);
    is_text(encoded(s, &b),
        "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg",
        "RFC 8188 3.1: one record");
}

static const char p256dh[] =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8"
    "pZGH6SRpkNtoIAiw4";
static const char auth[] = "BTBZMqHH6r4Tts7J_aSIgg";

/* RFC 8291 5 and appendix A. */
static void test_encrypt(struct scope *s)
{
    static const char text[] = "When I grow up, I want to be a watermelon";
    unsigned char scalar[BYTES_MAX], salt[BYTES_MAX];
    struct push_keys keys;
    decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", scalar);
    decoded("DGv6ra1nlYgDCS1FRnbzlw", salt);
    ok(push_keys_read(s, p256dh, auth, &keys) == RC_OK, "the subscription's keys are read");
    CLEANUP(p256_freep) struct p256 *sender = p256_of(scalar);
    STRBUF(b, BYTES_MAX);
    ok(push_encrypt_by(&keys, sender, salt, text, strlen(text), &b), "it is encrypted");
    is_text(encoded(s, &b),
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLoc"
        "InmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVW"
        "GNWQexSgSxsj_Qulcy4a-fN",
        "RFC 8291 5: the body");
}

static void test_sizes(struct scope *s)
{
    struct push_keys keys;
    char text[PUSH_PLAIN_MAX + 1];
    push_keys_read(s, p256dh, auth, &keys);
    memset(text, 'x', sizeof text);
    STRBUF(b, 2 * BYTES_MAX);
    ok(push_encrypt(&keys, text, PUSH_PLAIN_MAX, &b) && b.len == PUSH_BODY_MAX,
        "the longest text fills 4096 bytes");
    strbuf_clear(&b);
    ok(!push_encrypt(&keys, text, PUSH_PLAIN_MAX + 1, &b) && !b.len, "a longer one is refused");
    STRBUF(one, BYTES_MAX);
    STRBUF(two, BYTES_MAX);
    push_encrypt(&keys, "x", 1, &one);
    push_encrypt(&keys, "x", 1, &two);
    ok(one.len == two.len && memcmp(one.buf, two.buf, one.len) != 0,
        "no two messages share a salt or a key");
}

static const struct {
    const char *name, *p256dh, *auth, *field;
} wrong_keys[] = {
    {"not base64url", "not a key!", auth, "p256dh"},
    {"too short", "BCVxsr7N_eNgVRqvHtD0zTZsEc6", auth, "p256dh"},
    {"not on the curve",
        "BAVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth, "p256dh"},
    {"a compressed point's mark",
        "AiVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth, "p256dh"},
    {"a short secret", p256dh, "BTBZMqHH6r4", "auth"},
    {"an empty secret", p256dh, "", "auth"},
};

static void test_wrong_keys(void)
{
    for (size_t i = 0; i < sizeof wrong_keys / sizeof wrong_keys[0]; i++) {
        SCOPE(s);
        struct push_keys keys;
        enum rc rc = push_keys_read(s, wrong_keys[i].p256dh, wrong_keys[i].auth, &keys);
        ok(rc == RC_INVALID, "refused: %s", wrong_keys[i].name);
        is_text(s->fault.field, wrong_keys[i].field, "the field is named");
    }
}

/* Is the token signed by the key that it comes with (RFC 8292 3.1)? */
static bool verifies(const char *header)
{
    unsigned char point[BYTES_MAX], raw[BYTES_MAX], der[BYTES_MAX], *at = der;
    char token[BYTES_MAX], key[BYTES_MAX], group[] = "prime256v1";
    if (sscanf(header, "vapid t=%4000[^,], k=%200s", token, key) != 2)
        return false;
    char *dot = strrchr(token, '.');
    if (decoded(dot + 1, raw) != P256_SIGNATURE || decoded(key, point) != P256_POINT)
        return false;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, P256_POINT),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY_fromdata_init(make);
    EVP_PKEY_fromdata(make, &pkey, EVP_PKEY_PUBLIC_KEY, params);
    ECDSA_SIG *signature = ECDSA_SIG_new();
    ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
    int len = i2d_ECDSA_SIG(signature, &at);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_DigestVerifyInit_ex(ctx, NULL, "SHA256", NULL, NULL, pkey, NULL);
    bool good = EVP_DigestVerify(ctx, der, (size_t)len, (const unsigned char *)token,
                    (size_t)(dot - token)) == 1;
    EVP_MD_CTX_free(ctx);
    ECDSA_SIG_free(signature);
    EVP_PKEY_CTX_free(make);
    EVP_PKEY_free(pkey);
    return good;
}

/* RFC 8292 2.4 shows that the check itself is right. */
static void test_checker(void)
{
    static const char good[] =
        "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5u"
        "ZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCD"
        "quptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, "
        "k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmCl"
        "BPs";
    char *bad = strdup(good);
    bad[40] ^= 1;
    ok(verifies(good), "RFC 8292 2.4: the example verifies");
    ok(!verifies(bad), "and a changed one does not");
    free(bad);
}

static const json_t *claims_of(struct scope *s, const char *header)
{
    unsigned char bytes[BYTES_MAX];
    json_t *claims = NULL;
    const char *from = strchr(header, '.') + 1;
    size_t len = decoded(scope_strndup(s, from, strcspn(from, ".")), bytes);
    json_parse(s, (const char *)bytes, len, &claims);
    return claims;
}

#define HOURS (3600 * CLOCK_SECOND)

static void test_vapid(struct scope *s, const char *dir)
{
    static const char one[] = "https://push.example/send/abc", two[] = "https://PUSH.example:443/x";
    struct sign *keys, *more;
    const char *path = scope_printf(s, "%s/keys", dir);
    sign_load(s, path, true, &keys);
    struct vapid *vapid = vapid_new(keys, "mailto:ops@example.com");
    int64_t now = 1800000000 * CLOCK_SECOND;
    const char *first = scope_strdup(s, vapid_header(s, vapid, one, now));
    ok(verifies(first), "our token verifies with the key beside it");
    is_text(strstr(first, ", k=") + 4, vapid_public(s, keys), "which is the one of browsers");
    const json_t *claims = claims_of(s, first);
    is_text(json_get_text(claims, "aud"), "https://push.example", "aud is the origin");
    is_text(json_get_text(claims, "sub"), "mailto:ops@example.com", "sub is the contact");
    int64_t valid = json_integer_value(json_object_get(claims, "exp")) - 1800000000;
    ok(valid > 0 && valid <= 24 * 3600, "it is valid for %" PRId64 " s, at most a day", valid);
    is_text(vapid_header(s, vapid, two, now + HOURS), first, "one serves an origin for hours");
    ok(strcmp(vapid_header(s, vapid, one, now + 7 * HOURS), first) != 0, "then it is renewed");
    const char *port = vapid_header(s, vapid, "http://127.0.0.1:8081/x", now);
    is_text(json_get_text(claims_of(s, port), "aud"), "http://127.0.0.1:8081", "a port stays");
    ok(!vapid_header(s, vapid, "no url", now), "no URL, no token");
    for (int i = 0; i < 40; i++)
        ok(verifies(vapid_header(s, vapid, scope_printf(s, "https://p%d.example/", i), now)),
            "origin %d", i);
    vapid_free(vapid);

    FILE *file = fopen(path, "r");
    char old[128];
    if (!fgets(old, sizeof old, file))
        abort();
    fclose(file);
    file = fopen(path, "w");
    fprintf(file, "k2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n%s", old);
    fclose(file);
    sign_load(s, path, false, &more);
    is_text(vapid_public(s, more), vapid_public(s, keys), "a rotation keeps the public key");
    sign_free(more);
    sign_free(keys);
    unlink(path);
}

int main(void)
{
    char dir[] = "/tmp/amends-test-push-XXXXXX";
    if (sodium_init() < 0 || !mkdtemp(dir))
        return 1;
    SCOPE(s);
    test_record(s);
    test_encrypt(s);
    test_sizes(s);
    test_wrong_keys();
    test_checker();
    test_vapid(s, dir);
    rmdir(dir);
    return tap_end();
}
