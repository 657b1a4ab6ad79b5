#include "notifier/smtp_relay.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <sodium.h>
#include <string.h>

#include "core/clock.h"

enum { BACK_OFF_MAX = 60, URL_MAX = 2000 };

static void curlu_freep(CURLU **url)
{
    curl_url_cleanup(*url);
}

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

/* A part of url in s, or NULL where it has none. */
static char *url_part(struct scope *s, CURLU *url, CURLUPart part, unsigned flags)
{
    char *found = NULL;
    if (curl_url_get(url, part, &found, flags) != CURLUE_OK)
        return NULL;
    char *copy = scope_strdup(s, found);
    sodium_memzero(found, strlen(found));
    curl_free(found);
    return copy;
}

static bool host_is_loopback(const char *host)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return !strcmp(host, "localhost") || !strcmp(host, "[::1]");
}

/* SMTP has no paths; curl takes the path as the name to say in EHLO. */
static enum rc relay_address(struct scope *s, CURLU *url, const char *helo, struct relay *relay)
{
    char *scheme = url_part(s, url, CURLUPART_SCHEME, 0);
    if (!scheme || (strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0))
        return fail(s, RC_INVALID, "a relay's URL begins with smtp:// or smtps://");
    char *path = url_part(s, url, CURLUPART_PATH, 0);
    if ((path && strcmp(path, "/") != 0) || url_part(s, url, CURLUPART_QUERY, 0) ||
        url_part(s, url, CURLUPART_FRAGMENT, 0))
        return fail(s, RC_INVALID, "a relay's URL has nothing behind the port");
    relay->host = url_part(s, url, CURLUPART_HOST, 0);
    if (!relay->host)
        return fail(s, RC_INVALID, "a relay's URL names a host");
    curl_url_set(url, CURLUPART_USER, NULL, 0);
    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(url, CURLUPART_OPTIONS, NULL, 0);
    if (curl_url_set(url, CURLUPART_PATH, helo, 0) != CURLUE_OK)
        return fail(s, RC_INVALID, "no name to say in EHLO");
    relay->url = url_part(s, url, CURLUPART_URL, 0);
    relay->loopback = host_is_loopback(relay->host);
    return relay->url ? RC_OK : fail(s, RC_INTERNAL, "the relay's URL cannot be rebuilt");
}

static enum rc relay_one(struct scope *s, const char *text, const char *helo, struct relay *relay)
{
    CLEANUP(curlu_freep) CURLU *url = curl_url();
    if (!url || curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return fail(s, RC_INVALID, "a relay's URL has the form smtp://[user:pass@]host:port");
    relay->user = url_part(s, url, CURLUPART_USER, CURLU_URLDECODE);
    relay->password = url_part(s, url, CURLUPART_PASSWORD, CURLU_URLDECODE);
    if (!relay->user != !relay->password)
        return fail(s, RC_INVALID, "a relay's URL has both user and password, or neither");
    return relay_address(s, url, helo, relay);
}

static size_t count_words(const char *text)
{
    size_t n = 0;
    for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
        at += strcspn(at, " ");
        n++;
    }
    return n;
}

enum rc relay_parse(struct scope *s, const char *urls, const char *helo, int start, int ceiling,
    struct relay **ret, size_t *ret_n)
{
    size_t n = count_words(urls);
    if (!n || strlen(urls) > URL_MAX * n)
        return fail(s, RC_INVALID, "no relay is configured");
    if (!helo || !*helo || !is_printable(helo) || strpbrk(helo, "/?#%"))
        return fail(s, RC_INVALID, "no usable name to say in EHLO");
    struct relay *relays = SCOPE_ARRAY(s, struct relay, n);
    const char *at = urls;
    for (size_t i = 0; i < n; i++) {
        at += strspn(at, " ");
        size_t len = strcspn(at, " ");
        char *text = scope_strndup(s, at, len);
        enum rc rc = relay_one(s, text, helo, &relays[i]);
        sodium_memzero(text, len);
        TRY(rc);
        relays[i].up = true;
        relays[i].ceiling = ceiling;
        relays[i].window = start < ceiling ? start : ceiling;
        at += len;
    }
    *ret = relays;
    *ret_n = n;
    return RC_OK;
}

void relay_free_secrets(struct relay *relay)
{
    if (relay->password)
        sodium_memzero(relay->password, strlen(relay->password));
    relay->user = relay->password = NULL;
}

void relay_up(struct relay *relay)
{
    relay->up = true;
}

void relay_down(struct relay *relay, int64_t now)
{
    relay->up = false;
    /* Connections that fail together are one failure. */
    if (relay->not_before > now)
        return;
    int64_t wait = relay->failures < 6 ? INT64_C(1) << relay->failures : BACK_OFF_MAX;
    relay->failures++;
    relay->not_before = now + wait * CLOCK_SECOND;
    relay_shrink(relay, now);
}

void relay_pause(struct relay *relay, bool hard, int64_t now)
{
    relay_down(relay, now);
    if (hard)
        relay->not_before = now + BACK_OFF_MAX * CLOCK_SECOND;
    relay->paused_until = relay->not_before;
}

void relay_accepted(struct relay *relay)
{
    relay->failures = 0;
    int needed = relay->congested ? 4 * relay->window : 1;
    if (relay->window >= relay->ceiling || ++relay->credit < needed)
        return;
    relay->credit = 0;
    relay->window++;
}

void relay_shrink(struct relay *relay, int64_t now)
{
    relay->congested = true;
    if (relay->shrunk_at && now - relay->shrunk_at < CLOCK_SECOND)
        return;
    relay->shrunk_at = now;
    relay->credit = 0;
    relay->window = relay->window > 1 ? relay->window / 2 : 1;
}
