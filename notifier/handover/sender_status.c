#include "notifier/handover/sender_status.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

enum {
    STATUSES = 64,
    EVERY_US = 1000 * 1000,
    IDLE_US = 10 * 1000 * 1000,
    GONE_US = 5 * 1000 * 1000
};

struct reported {
    char *host, *trouble;
    enum channel channel;
    int window, in_flight;
    bool rate_limited;
    int64_t at; /* us, monotonic */
};

static struct {
    pthread_mutex_t lock;
    struct reported at[STATUSES];
    size_t n;
} reported = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The database thread's. */
static int64_t published_at;
static bool published_idle = true;

/* Rows of processes that are gone leave the table with the next publication. */
STMT(sender_status_write,
    "WITH old AS (DELETE FROM sender_status WHERE notifier <> $1 AND at < now() - interval '1 "
    "minute')"
    " INSERT INTO sender_status (notifier, channel, host, window_size, in_flight, waiting, "
    "unsettled,"
    "   rate_limited, trouble)"
    " SELECT $1, u.* FROM unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::int[],"
    "   $7::int[], $8::boolean[], $9::text[]) AS u"
    " ON CONFLICT (notifier, channel, host) DO UPDATE SET window_size = excluded.window_size,"
    "   in_flight = excluded.in_flight, waiting = excluded.waiting,"
    "   unsettled = excluded.unsettled, rate_limited = excluded.rate_limited,"
    "   trouble = excluded.trouble, at = now()");

/* A reply may be in any encoding, and the database wants UTF-8. */
static char *copy(const char *text)
{
    char *own = text ? strdup(text) : NULL;
    if (text && !own)
        abort();
    for (char *at = own; at && *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    return own;
}

static void replace(char **at, const char *text)
{
    if (*at && text && !strcmp(*at, text))
        return;
    free(*at);
    *at = copy(text);
}

static struct reported *find(const struct sender_status *status)
{
    for (size_t i = 0; i < reported.n; i++)
        if (reported.at[i].channel == status->channel && !strcmp(reported.at[i].host, status->host))
            return &reported.at[i];
    if (reported.n == STATUSES)
        return NULL;
    reported.at[reported.n] =
        (struct reported){.channel = status->channel, .host = copy(status->host)};
    return &reported.at[reported.n++];
}

void sender_status_report(const struct sender_status *status)
{
    pthread_mutex_lock(&reported.lock);
    struct reported *r = find(status);
    if (r) {
        r->window = status->window;
        r->in_flight = status->in_flight;
        r->rate_limited = status->rate_limited;
        r->at = clock_monotonic();
        replace(&r->trouble, status->trouble);
    }
    pthread_mutex_unlock(&reported.lock);
}

/* A host without open requests is no longer reported. */
static void forget(int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < reported.n; i++) {
        if (reported.at[i].at > now - GONE_US) {
            reported.at[kept++] = reported.at[i];
        } else {
            free(reported.at[i].host);
            free(reported.at[i].trouble);
        }
    }
    reported.n = kept;
}

/* The columns of $2 to $9. */
struct columns {
    const char *channel[STATUSES], *host[STATUSES], *rate_limited[STATUSES], *trouble[STATUSES];
    int64_t window[STATUSES], in_flight[STATUSES], waiting[STATUSES], unsettled[STATUSES];
    size_t n;
};

static struct columns *read_reported(struct scope *s, const struct handover *h)
{
    struct columns *c = scope_alloc(s, sizeof *c);
    pthread_mutex_lock(&reported.lock);
    forget(clock_monotonic());
    c->n = reported.n;
    for (size_t i = 0; i < c->n; i++) {
        const struct reported *r = &reported.at[i];
        c->channel[i] = channel_name[r->channel];
        c->host[i] = scope_strdup(s, r->host);
        c->window[i] = r->window;
        c->in_flight[i] = r->in_flight;
        c->waiting[i] = atomic_load(&h->waiting[r->channel]);
        c->unsettled[i] = atomic_load(&h->used);
        c->rate_limited[i] = r->rate_limited ? "t" : "f";
        c->trouble[i] = scope_strdup(s, r->trouble);
    }
    pthread_mutex_unlock(&reported.lock);
    return c;
}

enum rc sender_status_publish(
    struct scope *s, struct db *db, int64_t notifier, bool idle, const struct handover *handover)
{
    int64_t now = clock_monotonic();
    if (now < published_at + (idle && published_idle ? IDLE_US : EVERY_US))
        return RC_OK;
    const struct columns *c = read_reported(s, handover);
    published_at = now;
    published_idle = idle;
#define TEXTS(list) P_TEXT_LIST(s, (list), c->n)
    return db_do(s, db, &sender_status_write,
        PARAMS(P_INT(notifier), TEXTS(c->channel), TEXTS(c->host), P_INTS(s, c->window, c->n),
            P_INTS(s, c->in_flight, c->n), P_INTS(s, c->waiting, c->n),
            P_INTS(s, c->unsettled, c->n), TEXTS(c->rate_limited), TEXTS(c->trouble)),
        NULL);
#undef TEXTS
}
