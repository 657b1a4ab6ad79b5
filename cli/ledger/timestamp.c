#include "cli/ledger/timestamp.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <sodium.h>
#include <string.h>

#include "core/net/net.h"

enum { RESPONSE_MAX = 64 * 1024 };

#define OWNED(type, fn) \
    static void fn##_owned(type **at) \
    { \
        fn(*at); \
    }
OWNED(TS_REQ, TS_REQ_free)
OWNED(TS_RESP, TS_RESP_free)
OWNED(TS_VERIFY_CTX, TS_VERIFY_CTX_free)
OWNED(BIO, BIO_free_all)

static enum rc refuse(struct scope *s, enum rc rc, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *why = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return fail(s, rc, "%s%s%s", what, why ? ": " : "", why ? why : "");
}

static TS_REQ *request_of(const void *bytes, size_t len)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    ASN1_INTEGER *nonce = ASN1_INTEGER_new();
    uint64_t number;
    crypto_hash_sha256(hash, bytes, len);
    randombytes_buf(&number, sizeof number);
    X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL);
    TS_MSG_IMPRINT_set_algo(imprint, algorithm);
    TS_MSG_IMPRINT_set_msg(imprint, hash, sizeof hash);
    ASN1_INTEGER_set_uint64(nonce, number);
    TS_REQ_set_version(request, 1);
    TS_REQ_set_msg_imprint(request, imprint);
    TS_REQ_set_nonce(request, nonce);
    TS_REQ_set_cert_req(request, 1);
    ASN1_INTEGER_free(nonce);
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    return request;
}

static TS_RESP *response_of(const struct strbuf *der)
{
    const unsigned char *at = (const unsigned char *)der->buf;
    return d2i_TS_RESP(NULL, &at, (long)der->len);
}

/* The signature counts if there are certificates to check it by. */
static enum rc check_signer(struct scope *s, const char *ca_file, TS_VERIFY_CTX *ctx)
{
    if (!*ca_file)
        return RC_OK;
    X509_STORE *store = X509_STORE_new();
    TS_VERIFY_CTX_set_store(ctx, store); /* which owns it */
    TS_VERIFY_CTX_add_flags(ctx, TS_VFY_SIGNATURE);
    if (X509_STORE_load_locations(store, ca_file, NULL) != 1)
        return refuse(s, RC_INVALID, scope_printf(s, "cannot read %s", ca_file));
    return RC_OK;
}

static void free_curl(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void free_list(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

static enum rc post(
    struct scope *s, const char *url, const unsigned char *der, int len, struct strbuf *ret)
{
    net_start();
    struct net_guard guard = {.allow_private = true, .allow_loopback = true};
    CLEANUP(free_curl) CURL *curl = curl_easy_init();
    CLEANUP(free_list)
    struct curl_slist *head = curl_slist_append(NULL, "Content-Type: application/timestamp-query");
    net_guard_apply(curl, &guard);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, head);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)der);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)len);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 15000L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, net_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret);
    CURLcode code = curl_easy_perform(curl);
    return code == CURLE_OK ? RC_OK
                            : fail(s, RC_UPSTREAM, "no timestamp from ledger_tsa_url: %s",
                                  curl_easy_strerror(code));
}

enum rc timestamp_get(
    struct scope *s, const struct config *config, const void *bytes, size_t len, struct strbuf *ret)
{
    CLEANUP(TS_REQ_free_owned) TS_REQ *request = request_of(bytes, len);
    unsigned char *der = NULL;
    int der_len = i2d_TS_REQ(request, &der);
    enum rc rc = post(s, config->ledger_tsa_url, der, der_len, ret);
    OPENSSL_free(der);
    if (rc != RC_OK)
        return rc;
    CLEANUP(TS_RESP_free_owned) TS_RESP *response = response_of(ret);
    CLEANUP(TS_VERIFY_CTX_free_owned)
    TS_VERIFY_CTX *ctx = TS_REQ_to_TS_VERIFY_CTX(request, NULL);
    TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_NONCE);
    TRY(check_signer(s, config->ledger_tsa_ca_file, ctx));
    if (!response || TS_RESP_verify_response(ctx, response) != 1)
        return refuse(s, RC_UPSTREAM, "ledger_tsa_url gave no timestamp of this anchor");
    return RC_OK;
}

static const char *time_of(struct scope *s, TS_RESP *response)
{
    CLEANUP(BIO_free_all_owned) BIO *text = BIO_new(BIO_s_mem());
    char *at;
    ASN1_TIME_print(text, TS_TST_INFO_get_time(TS_RESP_get_tst_info(response)));
    long len = BIO_get_mem_data(text, &at);
    return scope_strndup(s, at, (size_t)len);
}

enum rc timestamp_check(struct scope *s, const struct config *config, const char *file,
    const void *bytes, size_t len, const char **ret_when)
{
    STRBUF(der, RESPONSE_MAX);
    TRY(strbuf_read(s, file, &der));
    CLEANUP(TS_RESP_free_owned) TS_RESP *response = response_of(&der);
    CLEANUP(TS_VERIFY_CTX_free_owned) TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
    TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_DATA);
    TS_VERIFY_CTX_set_data(ctx, BIO_new_mem_buf(bytes, (int)len));
    TRY(check_signer(s, config->ledger_tsa_ca_file, ctx));
    if (!response || TS_RESP_verify_response(ctx, response) != 1)
        return refuse(s, RC_INVALID, scope_printf(s, "%s is no timestamp of this anchor", file));
    *ret_when = scope_printf(s, "%s%s", time_of(s, response),
        *config->ledger_tsa_ca_file ? ""
                                    : " (its signer not checked: ledger_tsa_ca_file is empty)");
    return RC_OK;
}
