#include "notifier/http/hosts.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { PROBES = 16 };

_Static_assert(sizeof(((struct hosts *)0)->secret) == crypto_shorthash_KEYBYTES, "key");

void hosts_init(struct hosts *hosts)
{
    randombytes_buf(hosts->secret, sizeof hosts->secret);
    hosts->at = calloc(HOSTS, sizeof *hosts->at);
    if (!hosts->at)
        abort();
}

void hosts_release(struct hosts *hosts)
{
    free(hosts->at);
    hosts->at = NULL;
}

/* Host and port as written: two spellings are two hosts, which is harmless. */
static const char *host_of(const char *url, size_t *ret_len)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    *ret_len = strcspn(host, "/?#");
    return host;
}

static uint64_t key_of(const struct hosts *hosts, const char *host, size_t len)
{
    uint64_t key;
    _Static_assert(sizeof key == crypto_shorthash_BYTES, "hash");
    crypto_shorthash((unsigned char *)&key, (const unsigned char *)host, len, hosts->secret);
    return key ? key : 1;
}

static bool is_in_use(const struct host *host)
{
    return host->active || host->listed;
}

/* Of two that could make room: an unused one, then the one used longest ago. */
static bool is_better_victim(const struct host *a, const struct host *b)
{
    if (is_in_use(a) || !b || is_in_use(b))
        return !is_in_use(a);
    return a->used_at < b->used_at;
}

struct host *hosts_of(struct hosts *hosts, const char *url, int64_t now)
{
    size_t len;
    const char *name = host_of(url, &len);
    uint64_t key = key_of(hosts, name, len);
    struct host *victim = NULL;
    for (size_t i = 0; i < PROBES; i++) {
        struct host *host = &hosts->at[(key + i) % HOSTS];
        if (host->key == key) {
            host->used_at = now;
            return host;
        }
        if (is_better_victim(host, victim))
            victim = host;
    }
    /* All neighbours are in use: one of them is shared. */
    if (!victim)
        return &hosts->at[key % HOSTS];
    *victim = (struct host){.key = key, .window = HOST_WINDOW_FIRST, .used_at = now};
    memcpy(victim->name, name, len < HOST_NAMES ? len : HOST_NAMES - 1);
    return victim;
}

bool host_is_doubted(const struct host *host)
{
    return host->failures > 0;
}

static bool is_silent(const struct host *host, int64_t now)
{
    return host->active && now - host->heard_at > HOST_SILENT;
}

/* How many requests may be open now: none while the host rests, and one to find out whether it
 * works where it is silent or has failed again and again. */
static int window_of(const struct host *host, int64_t now)
{
    if (host->rests_until > now)
        return 0;
    return is_silent(host, now) || host->failures >= HOST_PATIENCE ? 1 : host->window;
}

bool host_may_begin(const struct host *host, int64_t now, int64_t *ret_wait)
{
    *ret_wait = 0;
    if (host->active < window_of(host, now))
        return true;
    if (host->rests_until > now)
        *ret_wait = host->rests_until - now;
    else if (host->failures || is_silent(host, now))
        *ret_wait = HOST_PUT_OFF;
    return false;
}

void host_begin(struct host *host, int64_t now)
{
    if (!host->active++)
        host->heard_at = now;
}

static void rest(struct host *host, int64_t retry_after, int64_t now)
{
    int64_t wait = HOST_REST_FIRST;
    for (int i = HOST_PATIENCE; i < host->failures && wait < HOST_REST_MAX; i++)
        wait *= 2;
    if (wait < retry_after)
        wait = retry_after;
    host->rests_until = now + (wait < HOST_REST_MAX ? wait : HOST_REST_MAX);
}

void host_end(struct host *host, enum host_answer answer, int64_t retry_after, int64_t now)
{
    host->active--;
    if (answer == HOST_NOTHING)
        return;
    host->heard_at = now;
    if (answer == HOST_WELL) {
        host->failures = 0;
        host->proven = true;
        host->rests_until = 0;
        host->window += host->window < HOST_WINDOW_MAX;
        return;
    }
    host->window = host->window > 1 ? host->window / 2 : 1;
    /* A request that was open when the host went to rest is not another failure. */
    if (host->rests_until > now)
        return;
    if (++host->failures >= HOST_PATIENCE)
        rest(host, retry_after, now);
}
