#include "notifier/handover/sender_status.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

enum { LANES = 64, EVERY_US = 1000 * 1000, IDLE_US = 10 * 1000 * 1000, GONE_US = 5 * 1000 * 1000 };

struct reported {
    char *host, *trouble;
    enum channel channel;
    int window, in_flight;
    bool rate_limited;
    int64_t at; /* us, monotonic */
};

static struct {
    pthread_mutex_t lock;
    struct reported at[LANES];
    size_t n;
} lanes = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The database thread's. */
static int64_t published_at;
static bool published_idle = true;

/* Lanes of processes that are gone leave the table with the next publication. */
STMT(lane_publish,
    "WITH old AS (DELETE FROM lane WHERE notifier <> $1 AND at < now() - interval '1 minute')"
    " INSERT INTO lane (notifier, channel, host, window_size, in_flight, waiting, unsettled,"
    "   rate_limited, trouble)"
    " SELECT $1, u.* FROM unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::int[],"
    "   $7::int[], $8::boolean[], $9::text[]) AS u"
    " ON CONFLICT (notifier, channel, host) DO UPDATE SET window_size = excluded.window_size,"
    "   in_flight = excluded.in_flight, waiting = excluded.waiting,"
    "   unsettled = excluded.unsettled, rate_limited = excluded.rate_limited,"
    "   trouble = excluded.trouble, at = now()");

/* What a relay says may be in any encoding, and the database wants UTF-8. */
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

static struct reported *find(const struct lane *lane)
{
    for (size_t i = 0; i < lanes.n; i++)
        if (lanes.at[i].channel == lane->channel && !strcmp(lanes.at[i].host, lane->host))
            return &lanes.at[i];
    if (lanes.n == LANES)
        return NULL;
    lanes.at[lanes.n] = (struct reported){.channel = lane->channel, .host = copy(lane->host)};
    return &lanes.at[lanes.n++];
}

void lanes_report(const struct lane *lane)
{
    pthread_mutex_lock(&lanes.lock);
    struct reported *r = find(lane);
    if (r) {
        r->window = lane->window;
        r->in_flight = lane->in_flight;
        r->rate_limited = lane->rate_limited;
        r->at = clock_monotonic();
        replace(&r->trouble, lane->trouble);
    }
    pthread_mutex_unlock(&lanes.lock);
}

/* A host that has nothing more to do is not reported any more. */
static void forget(int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < lanes.n; i++) {
        if (lanes.at[i].at > now - GONE_US) {
            lanes.at[kept++] = lanes.at[i];
        } else {
            free(lanes.at[i].host);
            free(lanes.at[i].trouble);
        }
    }
    lanes.n = kept;
}

/* The columns of $2 to $9. */
struct columns {
    const char *channel[LANES], *host[LANES], *rate_limited[LANES], *trouble[LANES];
    int64_t window[LANES], in_flight[LANES], waiting[LANES], unsettled[LANES];
    size_t n;
};

static struct columns *read_lanes(struct scope *s, const struct handover *h)
{
    struct columns *c = scope_alloc(s, sizeof *c);
    pthread_mutex_lock(&lanes.lock);
    forget(clock_monotonic());
    c->n = lanes.n;
    for (size_t i = 0; i < c->n; i++) {
        const struct reported *r = &lanes.at[i];
        c->channel[i] = channel_name[r->channel];
        c->host[i] = scope_strdup(s, r->host);
        c->window[i] = r->window;
        c->in_flight[i] = r->in_flight;
        c->waiting[i] = atomic_load(&h->waiting[r->channel]);
        c->unsettled[i] = atomic_load(&h->used);
        c->rate_limited[i] = r->rate_limited ? "t" : "f";
        c->trouble[i] = scope_strdup(s, r->trouble);
    }
    pthread_mutex_unlock(&lanes.lock);
    return c;
}

enum rc lanes_publish(
    struct scope *s, struct db *db, int64_t notifier, bool idle, const struct handover *handover)
{
    int64_t now = clock_monotonic();
    if (now < published_at + (idle && published_idle ? IDLE_US : EVERY_US))
        return RC_OK;
    const struct columns *c = read_lanes(s, handover);
    published_at = now;
    published_idle = idle;
#define TEXTS(list) P_TEXTS(s, (&(const struct texts){.at = (list), .n = c->n}))
    return db_do(s, db, &lane_publish,
        PARAMS(P_INT(notifier), TEXTS(c->channel), TEXTS(c->host), P_INTS(s, c->window, c->n),
            P_INTS(s, c->in_flight, c->n), P_INTS(s, c->waiting, c->n),
            P_INTS(s, c->unsettled, c->n), TEXTS(c->rate_limited), TEXTS(c->trouble)),
        NULL);
#undef TEXTS
}
