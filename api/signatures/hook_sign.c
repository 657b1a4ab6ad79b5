#include "api/signatures/hook_sign.h"

#include <glib.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/sign.h"

enum {
    SHA1 = 20,
    SHA256 = 32,
    SIGNATURE_MAX = 80,
    SIGNED_MAX = 256 * 1024,
    SLACK_MAX = 2 * 1024 * 1024,
    TIME_DIGITS = 12,
    SKEW = 300
};

static int by_name(const void *a, const void *b)
{
    const struct request_pair *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->value, y->value);
}

static struct form sorted_form(const struct form *form)
{
    struct form sorted = *form;
    qsort(sorted.at, sorted.n, sizeof sorted.at[0], by_name);
    return sorted;
}

static void update(GHmac *hmac, const char *text)
{
    g_hmac_update(hmac, (const guchar *)text, (gssize)strlen(text));
}

static void update_form(GHmac *hmac, const struct form *form)
{
    struct form sorted = sorted_form(form);
    const struct request_pair *last = NULL;
    for (size_t i = 0; i < sorted.n; i++) {
        const struct request_pair *pair = &sorted.at[i];
        bool same_name = last && !strcmp(last->name, pair->name);
        if (same_name && !strcmp(last->value, pair->value))
            continue;
        update(hmac, pair->name);
        update(hmac, pair->value);
        last = pair;
    }
}

bool hook_twilio_verifies(
    const char *token, const char *url, const struct form *form, const char *given)
{
    guint8 mac[SHA1];
    gsize len = sizeof mac;
    STRBUF(want, SIGNATURE_MAX);
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *)token, strlen(token));
    update(hmac, url);
    update_form(hmac, form);
    g_hmac_get_digest(hmac, mac, &len);
    g_hmac_unref(hmac);
    sign_base64(&want, mac, len);
    return *token && hook_token_verifies(want.buf, given);
}

static void plivo_text(const struct hook_plivo *want, struct strbuf *b)
{
    struct form query = sorted_form(want->query), form = sorted_form(want->form);
    strbuf_add(b, want->url, strcspn(want->url, "?"));
    if (query.n || form.n)
        strbuf_addch(b, '?');
    for (size_t i = 0; i < query.n; i++)
        strbuf_addf(b, "%s%s=%s", i ? "&" : "", query.at[i].name, query.at[i].value);
    if (query.n && form.n)
        strbuf_addch(b, '.');
    for (size_t i = 0; i < form.n; i++)
        strbuf_addf(b, "%s%s", form.at[i].name, form.at[i].value);
    strbuf_addf(b, ".%s", want->nonce);
}

bool hook_plivo_verifies(const struct hook_plivo *want, const char *given)
{
    unsigned char mac[SHA256];
    STRBUF(text, SIGNED_MAX);
    STRBUF(signature, SIGNATURE_MAX);
    if (!*want->token || !want->nonce || !given)
        return false;
    plivo_text(want, &text);
    if (text.overflow)
        return false;
    sign_hmac_sha256(want->token, strlen(want->token), text.buf, text.len, mac);
    sign_base64(&signature, mac, sizeof mac);
    for (const char *at = given; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strcspn(at, ",") == signature.len && !sodium_memcmp(at, signature.buf, signature.len))
            return true;
    return false;
}

/* Only digits: other input that strtoll accepts was not signed. */
bool hook_is_recent(const char *timestamp, int64_t now)
{
    size_t len = strspn(timestamp, "0123456789");
    if (!len || len > TIME_DIGITS || timestamp[len])
        return false;
    int64_t at = strtoll(timestamp, NULL, 10);
    return at >= now - SKEW && at <= now + SKEW;
}

static void vonage_text(const struct form *sent, struct strbuf *b)
{
    struct form sorted = sorted_form(sent);
    for (size_t i = 0; i < sorted.n; i++) {
        const struct request_pair *pair = &sorted.at[i];
        if (!strcmp(pair->name, "sig"))
            continue;
        strbuf_addf(b, "&%s=", pair->name);
        for (const char *at = pair->value; *at; at++)
            strbuf_addch(b, strchr("&=", *at) ? '_' : *at);
    }
}

bool hook_vonage_verifies(const char *secret, const struct form *sent, int64_t now)
{
    unsigned char want[SHA256], mac[SHA256];
    size_t n;
    STRBUF(text, SIGNED_MAX);
    const char *given = form_get(sent, "sig"), *timestamp = form_get(sent, "timestamp");
    if (!*secret || !given || !timestamp || !hook_is_recent(timestamp, now) ||
        sodium_hex2bin(mac, sizeof mac, given, strlen(given), NULL, &n, NULL) || n != sizeof mac)
        return false;
    vonage_text(sent, &text);
    if (text.overflow)
        return false;
    sign_hmac_sha256(secret, strlen(secret), text.buf, text.len, want);
    return sodium_memcmp(want, mac, sizeof want) == 0;
}

bool hook_slack_verifies(const struct hook_slack *want, const char *given, int64_t now)
{
    unsigned char mac[SHA256];
    char hex[2 * SHA256 + 1];
    STRBUF(text, SLACK_MAX);
    STRBUF(signature, SIGNATURE_MAX);
    if (!*want->secret || !want->timestamp || !hook_is_recent(want->timestamp, now))
        return false;
    strbuf_addf(&text, "v0:%s:", want->timestamp);
    strbuf_add(&text, want->body, want->len);
    if (text.overflow)
        return false;
    sign_hmac_sha256(want->secret, strlen(want->secret), text.buf, text.len, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    strbuf_addf(&signature, "v0=%s", hex);
    return hook_token_verifies(signature.buf, given);
}

bool hook_token_verifies(const char *want, const char *given)
{
    size_t len = strlen(want);
    return len && given && strlen(given) == len && sodium_memcmp(want, given, len) == 0;
}
