#include <ctype.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/alerts/sns.h"
#include "core/clock.h"
#include "core/net/net.h"
#include "core/strbuf.h"

enum { KEPT = 8, CERTIFICATE_MAX = 32 * 1024, FETCHES_A_MINUTE = 12 };

/* Certificates of this process by URL; the oldest makes room. */
static struct {
    pthread_mutex_t lock;
    struct kept {
        char *url, *certificate;
        int64_t until;
    } kept[KEPT];
    size_t next;
    int64_t minute;
    int fetches;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void url_free(CURLU **url)
{
    curl_url_cleanup(*url);
}

/* sns.REGION.amazonaws.com, also of China. */
static bool is_amazon(const char *scheme, const char *host, const char *port)
{
    static const char before[] = "sns.";
    if (strcmp(scheme, "https") != 0 || port || strncmp(host, before, strlen(before)) != 0)
        return false;
    const char *region = host + strlen(before), *after = region;
    while (islower((unsigned char)*after) || isdigit((unsigned char)*after) || *after == '-')
        after++;
    return after > region &&
           (!strcmp(after, ".amazonaws.com") || !strcmp(after, ".amazonaws.com.cn"));
}

static bool is_listed(const struct texts *list, const char *host)
{
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(list->at[i], host))
            return true;
    return false;
}

static char *part(struct scope *s, CURLU *url, CURLUPart what)
{
    char *text = NULL;
    if (curl_url_get(url, what, &text, 0) != CURLUE_OK)
        return NULL;
    char *ret = scope_strdup(s, text);
    curl_free(text);
    return ret;
}

bool sns_is_host(struct scope *s, const struct sns_trust *trust, const char *text)
{
    CLEANUP(url_free) CURLU *url = curl_url();
    if (!url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
        net_url_check(s, text, trust->allow_loopback) != RC_OK)
        return false;
    const char *scheme = part(s, url, CURLUPART_SCHEME), *host = part(s, url, CURLUPART_HOST);
    const char *port = part(s, url, CURLUPART_PORT);
    return scheme && host &&
           (is_amazon(scheme, host, port) ||
               is_listed(trust->hosts, port ? scope_printf(s, "%s:%s", host, port) : host));
}

static const char *find(struct scope *s, const char *url, int64_t now)
{
    for (size_t i = 0; i < KEPT; i++)
        if (cache.kept[i].url && !strcmp(cache.kept[i].url, url) && cache.kept[i].until > now)
            return scope_strdup(s, cache.kept[i].certificate);
    return NULL;
}

/* The kept one, or else whether it may be fetched. */
static enum rc take(struct scope *s, const char *url, const char **ret)
{
    int64_t now = clock_now(), minute = now / (60 * CLOCK_SECOND);
    pthread_mutex_lock(&cache.lock);
    *ret = find(s, url, now);
    cache.fetches = cache.minute == minute ? cache.fetches : 0;
    cache.minute = minute;
    bool may = *ret || ++cache.fetches <= FETCHES_A_MINUTE;
    pthread_mutex_unlock(&cache.lock);
    return may ? RC_OK : fail(s, RC_RETRY, "too many certificates were fetched in this minute");
}

static void keep(const char *url, const char *certificate)
{
    pthread_mutex_lock(&cache.lock);
    struct kept *kept = &cache.kept[cache.next++ % KEPT];
    free(kept->url);
    free(kept->certificate);
    *kept = (struct kept){.url = strdup(url),
        .certificate = strdup(certificate),
        .until = clock_now() + 3600 * CLOCK_SECOND};
    pthread_mutex_unlock(&cache.lock);
    if (!kept->url || !kept->certificate)
        abort();
}

enum rc sns_certificate(
    struct scope *s, const struct sns_trust *trust, const char *url, const char **ret)
{
    struct net_guard guard = {.allow_loopback = trust->allow_loopback};
    STRBUF(reply, CERTIFICATE_MAX);
    int status = 0;
    size_t len = strlen(url);
    if (len < 4 || strcmp(url + len - 4, ".pem") != 0 || !sns_is_host(s, trust, url))
        return fail(s, RC_DENIED, "the certificate is not at Amazon SNS");
    TRY(take(s, url, ret));
    if (*ret)
        return RC_OK;
    TRY(net_get(s, url, &guard, &reply, &status));
    if (status != 200 || reply.overflow)
        return fail(s, RC_UPSTREAM, "no certificate: HTTP %d", status);
    *ret = strbuf_copy(&reply, s);
    keep(url, *ret);
    return RC_OK;
}
