#include "notifier/smtp/rate.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/db/db.h"
#include "core/log.h"
#include "notifier/smtp/smtp_relay.h"

enum { TIMER_MS = 100, LEASE_MS = 200 };

struct rate {
    struct db *db;
    int per_second;
    int lease; /* messages that a process holds at most */
    struct relay *relays;
    size_t n;
    struct smtp_allowance *allowance;
    int wake_fd, stop_fd;
    pthread_t thread;
    bool reported; /* that the database is away */
};

SHAPE_STATIC(struct lease, lease_shape, "RateLease", FIELD(INT, granted));

STMT(rate_register, "INSERT INTO rate_limit (relay) VALUES ($1) ON CONFLICT DO NOTHING");

/* $2 wanted, $3 per second, $4 messages that may be leased ahead. */
STMT(rate_lease,
    "WITH bucket AS (SELECT relay, greatest(free_at, clock_timestamp()) AS start"
    "   FROM rate_limit WHERE relay = $1 FOR UPDATE),"
    " lease AS (SELECT relay, start, least($2::bigint, greatest(0, floor("
    "   extract(epoch FROM clock_timestamp() - start) * $3::bigint"
    "   + $4::bigint))::bigint) AS granted FROM bucket)"
    " UPDATE rate_limit r SET free_at = start + granted * interval '1 second' / $3::bigint"
    " FROM lease WHERE r.relay = lease.relay RETURNING granted",
    .row = &lease_shape);

static enum rc lease_one(
    struct scope *s, struct rate *rate, const char *relay, int wanted, int *ret)
{
    struct params params =
        PARAMS(P_TEXT(relay), P_INT(wanted), P_INT(rate->per_second), P_INT(rate->lease));
    struct lease lease;
    enum rc rc = db_one(s, rate->db, &rate_lease, params, &lease);
    if (rc == RC_NOT_FOUND) {
        TRY(db_do(s, rate->db, &rate_register, PARAMS(P_TEXT(relay)), NULL));
        rc = db_one(s, rate->db, &rate_lease, params, &lease);
    }
    if (rc == RC_OK)
        *ret = (int)lease.granted;
    return rc;
}

static void top_up(struct rate *rate)
{
    SCOPE(s);
    bool any = false;
    for (size_t i = 0; i < rate->n; i++) {
        struct smtp_allowance *allowance = &rate->allowance[i];
        int left = atomic_load(&allowance->left), granted = 0;
        if (left > rate->lease / 2)
            continue;
        if (lease_one(s, rate, rate->relays[i].name, rate->lease - left, &granted) != RC_OK) {
            if (!rate->reported)
                log_fault("mail waits: its rate limit cannot be read", s);
            rate->reported = true;
            return;
        }
        atomic_fetch_add(&allowance->left, granted);
        any = any || granted;
    }
    rate->reported = false;
    if (any)
        eventfd_write(rate->wake_fd, 1);
}

static void *run(void *arg)
{
    struct rate *rate = arg;
    struct pollfd stop = {.fd = rate->stop_fd, .events = POLLIN};
    do
        top_up(rate);
    while (!poll(&stop, 1, TIMER_MS));
    return NULL;
}

static int lease_of(int64_t per_second)
{
    int64_t lease = per_second * LEASE_MS / 1000;
    return lease > 1 ? (int)lease : 1;
}

enum rc rate_start(struct scope *s, const struct config *config, int wake_fd, struct rate **ret)
{
    *ret = NULL;
    if (!config->smtp_rate)
        return RC_OK;
    struct rate *rate = SCOPE_NEW(s, struct rate);
    TRY(relay_parse(s, config->smtp_url, "localhost", 1, 1, &rate->relays, &rate->n));
    for (size_t i = 0; i < rate->n; i++)
        relay_release(&rate->relays[i]);
    rate->per_second = (int)config->smtp_rate;
    rate->lease = lease_of(config->smtp_rate);
    rate->allowance = SCOPE_ARRAY(s, struct smtp_allowance, rate->n);
    rate->wake_fd = wake_fd;
    rate->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (rate->stop_fd < 0)
        return fail(s, RC_INTERNAL, "eventfd: %m");
    rate->db = db_new(config->database_url, "notifier rate");
    if (pthread_create(&rate->thread, NULL, run, rate) != 0) {
        close(rate->stop_fd);
        db_free(rate->db);
        return fail(s, RC_INTERNAL, "no thread for the rate limit");
    }
    *ret = rate;
    return RC_OK;
}

void rate_stop(struct rate *rate)
{
    if (!rate)
        return;
    eventfd_write(rate->stop_fd, 1);
    pthread_join(rate->thread, NULL);
    close(rate->stop_fd);
    db_free(rate->db);
}

struct smtp_allowance *rate_allowance(struct rate *rate)
{
    return rate ? rate->allowance : NULL;
}
