#include "notifier/webhook.h"

#include <sodium.h>
#include <string.h>

#include "core/sign.h"

enum { SECRET_MAX = 256, SIGNED_MAX = 4 * 1024 * 1024 };

static enum rc add_signature(
    struct scope *s, const char *secret, size_t len, const struct strbuf *text, struct strbuf *b)
{
    unsigned char key[SECRET_MAX], mac[32];
    size_t key_len = 0;
    const char *prefix = "whsec_";
    if (len > strlen(prefix) && !memcmp(secret, prefix, strlen(prefix))) {
        secret += strlen(prefix);
        len -= strlen(prefix);
    }
    if (sodium_base642bin(key, sizeof key, secret, len, NULL, &key_len, NULL,
            sodium_base64_VARIANT_ORIGINAL) != 0 ||
        !key_len)
        return fail(s, RC_INVALID, "the webhook secret is not base64");
    sign_hmac_sha256(key, key_len, text->buf, text->len, mac);
    sodium_memzero(key, sizeof key);
    strbuf_addstr(b, "v1,");
    sign_base64(b, mac, sizeof mac);
    return RC_OK;
}

enum rc webhook_sign(struct scope *s, const char *secret, const char *id, int64_t timestamp,
    const char *body, size_t len, struct strbuf *b)
{
    STRBUF(text, SIGNED_MAX);
    strbuf_addf(&text, "%s.%lld.", id, (long long)timestamp);
    strbuf_add(&text, body, len);
    if (text.overflow)
        return fail(s, RC_INVALID, "the webhook body is too large");
    for (const char *at = secret; *at;) {
        size_t n = strcspn(at, " ");
        if (at != secret)
            strbuf_addch(b, ' ');
        TRY(add_signature(s, at, n, &text, b));
        at += n + (at[n] == ' ');
    }
    return RC_OK;
}

/* 503 is beside the three of the standard because HTTP itself gives it Retry-After. */
static bool throttles(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

struct outcome webhook_judge(const struct http_reply *reply)
{
    struct outcome o = {.state = OUTCOME_RETRY, .code = reply->status};
    if (reply->refused) {
        o.state = OUTCOME_FAILED;
        o.reason = "forbidden_address";
    } else if (!reply->status) {
        o.reason = reply->sent ? "no_reply" : "unreachable";
        o.possible_duplicate = reply->sent;
    } else if (reply->status >= 200 && reply->status < 300) {
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
