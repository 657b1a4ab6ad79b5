#include "notifier/http/webhook.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/sign.h"

enum { SECRET_MAX = 256, SIGNED_MAX = 4 * 1024 * 1024 };

/* One of the secrets, cut at its expiry. */
struct secret {
    const char *text;
    size_t len;
};

static bool strip(struct secret *secret, const char *prefix)
{
    size_t len = strlen(prefix);
    if (secret->len <= len || memcmp(secret->text, prefix, len) != 0)
        return false;
    secret->text += len;
    secret->len -= len;
    return true;
}

static void sign_with(const unsigned char *key, size_t len, bool asymmetric,
    const struct strbuf *text, struct strbuf *b)
{
    unsigned char mac[crypto_sign_BYTES];
    size_t mac_len = asymmetric ? crypto_sign_BYTES : crypto_auth_hmacsha256_BYTES;
    if (asymmetric)
        crypto_sign_detached(mac, NULL, (const unsigned char *)text->buf, text->len, key);
    else
        sign_hmac_sha256(key, len, text->buf, text->len, mac);
    strbuf_addstr(b, asymmetric ? "v1a," : "v1,");
    sign_base64(b, mac, mac_len);
}

static enum rc add_signature(
    struct scope *s, struct secret secret, const struct strbuf *text, struct strbuf *b)
{
    unsigned char key[SECRET_MAX];
    size_t len = 0;
    bool asymmetric = strip(&secret, "whsk_");
    if (!asymmetric)
        strip(&secret, "whsec_");
    if (sodium_base642bin(key, sizeof key, secret.text, secret.len, NULL, &len, NULL,
            sodium_base64_VARIANT_ORIGINAL) != 0 ||
        !len || (asymmetric && len != crypto_sign_SECRETKEYBYTES))
        return fail(s, RC_INVALID, "the webhook secret is not base64");
    sign_with(key, len, asymmetric, text, b);
    sodium_memzero(key, sizeof key);
    return RC_OK;
}

/* Cut "@SECONDS" off; true when that instant has passed. */
static bool is_over(struct secret *secret, int64_t now)
{
    const char *at = memchr(secret->text, '@', secret->len);
    if (!at)
        return false;
    secret->len = (size_t)(at - secret->text);
    return strtoll(at + 1, NULL, 10) < now;
}

enum rc webhook_sign(struct scope *s, const char *secret, const char *id, int64_t timestamp,
    const char *body, size_t len, struct strbuf *b)
{
    STRBUF(text, SIGNED_MAX);
    strbuf_addf(&text, "%s.%lld.", id, (long long)timestamp);
    strbuf_add(&text, body, len);
    if (text.overflow)
        return fail(s, RC_INVALID, "the webhook body is too large");
    size_t n = 0;
    for (const char *at = secret; *at; at += n + (at[n] == ' ')) {
        n = strcspn(at, " ");
        struct secret one = {.text = at, .len = n};
        if (is_over(&one, timestamp))
            continue;
        if (b->len)
            strbuf_addch(b, ' ');
        TRY(add_signature(s, one, &text, b));
    }
    return RC_OK;
}

bool webhook_echoes(const char *request, const struct http_reply *reply)
{
    static const char member[] = "\"token\": \"";
    const char *token = strstr(request, member);
    if (!token || !reply->body)
        return false;
    token += strlen(member);
    size_t len = strcspn(token, "\"");
    return len && memmem(reply->body, reply->len, token, len);
}

/* The standard has 429, 502 and 504; 503 has Retry-After by RFC 9110 15.6.4. */
static bool throttles(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

struct outcome webhook_classify(const struct http_reply *reply)
{
    struct outcome o = {.state = OUTCOME_RETRY, .code = reply->status};
    if (!reply->status)
        return http_unanswered(reply);
    if (reply->status >= 200 && reply->status < 300) {
        o.state = OUTCOME_ACCEPTED;
    } else if (reply->status == 410) {
        o.state = OUTCOME_DISABLE;
        o.reason = "gone";
    } else if (throttles(reply->status)) {
        o.reason = "throttled";
        o.retry_after = reply->retry_after;
    } else {
        o.reason = reply->status < 400 ? "redirected" : "refused";
    }
    return o;
}
