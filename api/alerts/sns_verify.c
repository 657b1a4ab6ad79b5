#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <string.h>

#include "api/alerts/sns.h"
#include "core/json.h"
#include "core/strbuf.h"

enum { TEXT_MAX = 300 * 1024, SIGNATURE_MAX = 1024 };

static void bio_free(BIO **bio)
{
    BIO_free(*bio);
}

static void certificate_free(X509 **certificate)
{
    X509_free(*certificate);
}

static void key_free(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void digest_free(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

/* In the order of their names; Subject is of notifications and optional, and a confirmation has
 * SubscribeURL and Token. */
const char *sns_signed_text(struct scope *s, const json_t *envelope)
{
    static const char *const members[] = {"Message", "MessageId", "Subject", "SubscribeURL",
        "Timestamp", "Token", "TopicArn", "Type", NULL};
    bool notifies = !strcmp(json_get_word(envelope, "Type"), "Notification");
    STRBUF(b, TEXT_MAX);
    for (const char *const *name = members; *name; name++) {
        bool subject = !strcmp(*name, "Subject");
        bool confirms = !strcmp(*name, "SubscribeURL") || !strcmp(*name, "Token");
        const char *value = json_get_text(envelope, *name);
        if (notifies ? confirms || (subject && !value) : subject)
            continue;
        if (!value)
            return NULL;
        strbuf_addf(&b, "%s\n%s\n", *name, value);
    }
    return b.overflow ? NULL : strbuf_copy(&b, s);
}

static bool is_valid_now(const X509 *certificate)
{
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
           X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

static const EVP_MD *digest_of(const json_t *envelope)
{
    const char *version = json_get_word(envelope, "SignatureVersion");
    return !strcmp(version, "1") ? EVP_sha1() : !strcmp(version, "2") ? EVP_sha256() : NULL;
}

bool sns_verifies(struct scope *s, const json_t *envelope, const char *certificate)
{
    const char *text = sns_signed_text(s, envelope), *given = json_get_word(envelope, "Signature");
    const EVP_MD *digest = digest_of(envelope);
    unsigned char signature[SIGNATURE_MAX];
    size_t len;
    CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(certificate, -1);
    CLEANUP(certificate_free) X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    CLEANUP(key_free) EVP_PKEY *key = x509 ? X509_get_pubkey(x509) : NULL;
    CLEANUP(digest_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    return text && digest && key && is_valid_now(x509) && EVP_PKEY_base_id(key) == EVP_PKEY_RSA &&
           !sodium_base642bin(signature, sizeof signature, given, strlen(given), NULL, &len, NULL,
               sodium_base64_VARIANT_ORIGINAL) &&
           EVP_DigestVerifyInit(ctx, NULL, digest, NULL, key) == 1 &&
           EVP_DigestVerify(ctx, signature, len, (const unsigned char *)text, strlen(text)) == 1;
}
