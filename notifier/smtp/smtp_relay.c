#include "notifier/smtp/smtp_relay.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

enum {
    BACK_OFF_MAX = 60,
    URL_MAX = 2000,
    TROUBLE_MAX = 160,
    TURN = 1 << 20,       /* per message at weight 1 */
    TURN_LAG = 32 * TURN, /* no relay falls further behind */
};

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

/* SMTP has no paths; curl sends the path as the name in EHLO. */
static enum rc relay_address(struct scope *s, CURLU *url, const char *helo, struct relay *relay)
{
    char *scheme = url_part(s, url, CURLUPART_SCHEME, 0);
    if (!scheme || (strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0))
        return fail(s, RC_INVALID, "a relay's URL begins with smtp:// or smtps://");
    char *path = url_part(s, url, CURLUPART_PATH, 0);
    if ((path && strcmp(path, "/") != 0) || url_part(s, url, CURLUPART_QUERY, 0))
        return fail(s, RC_INVALID, "a relay's URL has nothing after the port but its #WEIGHT");
    relay->host = url_part(s, url, CURLUPART_HOST, 0);
    if (!relay->host)
        return fail(s, RC_INVALID, "a relay's URL names a host");
    char *port = url_part(s, url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    relay->name = scope_printf(s, "%s:%s", relay->host, port ? port : "25");
    curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
    curl_url_set(url, CURLUPART_USER, NULL, 0);
    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(url, CURLUPART_OPTIONS, NULL, 0);
    if (curl_url_set(url, CURLUPART_PATH, helo, 0) != CURLUE_OK)
        return fail(s, RC_INVALID, "no name for EHLO");
    relay->url = url_part(s, url, CURLUPART_URL, 0);
    relay->loopback = host_is_loopback(relay->host);
    return relay->url ? RC_OK : fail(s, RC_INTERNAL, "the relay's URL cannot be rebuilt");
}

static enum rc relay_weight(struct scope *s, CURLU *url, struct relay *relay)
{
    const char *text = url_part(s, url, CURLUPART_FRAGMENT, 0);
    relay->weight = 1;
    if (!text)
        return RC_OK;
    size_t len = strlen(text);
    if (!len || len > 3 || strspn(text, "0123456789") != len || atoi(text) > RELAY_WEIGHT_MAX)
        return fail(
            s, RC_INVALID, "a relay's weight is 0 to %d: smtp://host:port#2", RELAY_WEIGHT_MAX);
    relay->weight = atoi(text);
    return RC_OK;
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
    TRY(relay_weight(s, url, relay));
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

/* Connections in proportion to the weights, so that the shares hold under full load, too. */
static void set_windows(struct relay *relays, size_t n, int start, int ceiling)
{
    int most = 1;
    for (size_t i = 0; i < n; i++)
        most = relays[i].weight > most ? relays[i].weight : most;
    for (size_t i = 0; i < n; i++) {
        struct relay *relay = &relays[i];
        int weight = relay->weight ? relay->weight : most;
        strbuf_init(&relay->trouble, TROUBLE_MAX);
        relay->up = true;
        relay->ceiling = (ceiling * weight + most - 1) / most;
        relay->window = start < relay->ceiling ? start : relay->ceiling;
        relay->depth = RELAY_DEPTH_START;
    }
}

enum rc relay_parse(struct scope *s, const char *urls, const char *helo, int start, int ceiling,
    struct relay **ret, size_t *ret_n)
{
    size_t n = count_words(urls);
    if (!n || strlen(urls) > URL_MAX * n)
        return fail(s, RC_INVALID, "no relay is configured");
    if (!helo || !*helo || !is_printable(helo) || strpbrk(helo, "/?#%"))
        return fail(s, RC_INVALID, "no usable name for EHLO");
    struct relay *relays = SCOPE_ARRAY(s, struct relay, n);
    const char *at = urls;
    for (size_t i = 0; i < n; i++) {
        at += strspn(at, " ");
        size_t len = strcspn(at, " ");
        char *text = scope_strndup(s, at, len);
        enum rc rc = relay_one(s, text, helo, &relays[i]);
        sodium_memzero(text, len);
        TRY(rc);
        at += len;
    }
    set_windows(relays, n, start, ceiling);
    *ret = relays;
    *ret_n = n;
    return RC_OK;
}

void relay_release(struct relay *relay)
{
    if (relay->password)
        sodium_memzero(relay->password, strlen(relay->password));
    relay->user = relay->password = NULL;
    strbuf_release(&relay->trouble);
}

void relay_trouble(struct relay *relay, const char *text, int code)
{
    strbuf_clear(&relay->trouble);
    if (text)
        strbuf_addf(&relay->trouble, code >= 400 ? "%.100s (%d)" : "%.100s", text, code);
}

bool relay_serves(const struct relay *relay, int64_t now)
{
    return relay->paused_until <= now && (relay->open || (relay->up && relay->not_before <= now));
}

bool relay_wants_probe(const struct relay *relay, int64_t now)
{
    return !relay->up && relay->not_before <= now && !relay->connecting &&
           relay->connections < relay->window;
}

void relay_took(struct relay *relay, struct relay *relays, size_t n)
{
    relay->turn += TURN / (relay->weight ? relay->weight : 1);
    for (size_t i = 0; i < n; i++)
        if (relays[i].turn < relay->turn - TURN_LAG)
            relays[i].turn = relay->turn - TURN_LAG;
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

static void grow_window(struct relay *relay)
{
    if (!relay->congested)
        relay->window += 2;
    else if (relay->connections >= relay->window && ++relay->credit >= 4 * relay->window)
        relay->credit = 0, relay->window++;
    relay->window = relay->window < relay->ceiling ? relay->window : relay->ceiling;
}

static void grow_depth(struct relay *relay)
{
    /* Only open connections count: the depth must not grow more slowly while others are opened. */
    int open = relay->open > 0 ? relay->open : 1;
    int needed = relay->congested ? 4 * open * relay->depth : open;
    if (relay->fixed_depth || relay->depth >= RELAY_DEPTH_CEILING || ++relay->depth_credit < needed)
        return;
    relay->depth_credit = 0;
    relay->depth++;
}

void relay_accepted(struct relay *relay)
{
    relay->failures = 0;
    grow_window(relay);
    grow_depth(relay);
}

void relay_full(struct relay *relay, int64_t now)
{
    relay->congested = true;
    relay->credit = 0;
    relay->window = relay->open ? relay->open : 1;
    relay->not_before = now + CLOCK_SECOND;
}

void relay_shrink(struct relay *relay, int64_t now)
{
    relay->congested = true;
    if (relay->shrunk_at && now - relay->shrunk_at < CLOCK_SECOND)
        return;
    relay->shrunk_at = now;
    relay->credit = 0;
    relay->depth_credit = 0;
    relay->window = relay->window > 1 ? relay->window / 2 : 1;
    if (!relay->fixed_depth)
        relay->depth = relay->depth > 1 ? relay->depth / 2 : 1;
}
