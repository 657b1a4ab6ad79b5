#include "notifier/notifier.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/crash_point.h"
#include "core/db/db.h"
#include "core/db/migrate.h"
#include "core/log.h"
#include "core/net/net.h"
#include "core/service.h"
#include "messages/broadcast.h"
#include "notifier/checks.h"
#include "notifier/handover/sender_status.h"
#include "notifier/outbox/outbox_mode.h"
#include "notifier/queue/cancel.h"
#include "notifier/queue/claim.h"
#include "notifier/queue/cycle.h"
#include "notifier/queue/detach_slow.h"
#include "notifier/queue/housekeeping.h"
#include "notifier/queue/registration.h"
#include "notifier/queue/staff.h"
#include "notifier/senders.h"

enum {
    TIMER_MS = 250, /* polling: the truth behind LISTEN */
    CALENDAR_MS = 1000,
    RENEW_MS = 15 * 1000, /* a quarter of the lease */
    LOW = 250,            /* claim more when fewer recipients wait for a sender */
    LOW_SMS = 10,         /* a waiting text is recorded already: a crash makes it unknown */
    SETTLE_MAX = 512,     /* outcomes per cycle */
    BACK_OFF_MIN_MS = 100,
    BACK_OFF_MAX_MS = 5000,
};

struct notifier {
    struct scope *scope; /* of the process */
    const struct config *config;
    struct sign *keys;
    struct db *db;
    struct registration registration;
    struct broadcasts broadcasts;
    struct handover handover;
    struct cycle cycle;
    struct senders senders;
    struct ended *ended; /* collected, not settled */
    size_t n, alloc;
    bool nothing[CHANNEL_COUNT]; /* the last claim found nothing; the timer and NOTIFY reset it */
    bool prepared, ready;
    bool unsure;                             /* whether the last cycle was committed */
    bool ending;                             /* a batch was finished, and perhaps its broadcast */
    int64_t timer_at, calendar_at, renew_at; /* us, monotonic */
    int back_off_ms;                         /* 0: the database answers */
};

static bool wants(const struct notifier *n, enum channel channel)
{
    int low = channel == CHANNEL_SMS ? LOW_SMS : LOW;
    return n->senders.enabled[channel] && atomic_load(&n->handover.waiting[channel]) < low;
}

/* Remove the settled outcomes from the front. A cycle that failed after its commit removes them,
 * too, because their batches are freed. */
static void forget_settled(struct notifier *n, size_t some)
{
    n->n -= some;
    if (n->n)
        memmove(n->ended, n->ended + some, n->n * sizeof *n->ended);
    handover_give_units(&n->handover, some);
}

/* Settle outcomes and, if claims, claim the next ranges. */
static enum rc settle_and_claim(struct scope *s, struct notifier *n, bool claims, bool *ret_more)
{
    struct cycle_work work = {
        .ended = n->ended,
        .n = n->n < SETTLE_MAX ? n->n : SETTLE_MAX,
        .again = n->unsure,
    };
    struct cycle_result result;
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        work.wanted[c] = claims && !n->nothing[c] && wants(n, c);
    enum rc rc = cycle_run(s, &n->cycle, &work, &result);
    n->unsure = !result.settled;
    if (result.settled)
        forget_settled(n, work.n);
    TRY(rc);
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        if (work.wanted[c]) {
            n->nothing[c] = !result.more[c];
            *ret_more = *ret_more || result.more[c];
        }
    /* A finished batch may end a broadcast, or let a newer update be sent. */
    if (result.finished) {
        memset(n->nothing, 0, sizeof n->nothing);
        n->ending = true;
    }
    return RC_OK;
}

static enum rc claim(struct scope *s, struct notifier *n, enum claim_of of, enum channel channel)
{
    struct batch *batch = NULL;
    TRY(claim_batch(s, &n->cycle.claimant, of, channel, &batch));
    if (batch)
        handover_batch(&n->handover, batch);
    return RC_OK;
}

static enum rc claim_left(struct scope *s, struct notifier *n)
{
    struct housekeeping_glance glance;
    TRY(housekeeping_look(s, n->db, &n->registration, &glance));
    for (enum channel c = 0; c < CHANNEL_COUNT; c++) {
        /* Recipients of orphans have waited already, so they do not wait for room. */
        if (glance.orphan && n->senders.enabled[c])
            TRY(claim(s, n, CLAIM_ORPHAN, c));
        if (glance.due && wants(n, c))
            TRY(claim(s, n, CLAIM_DUE, c));
    }
    return RC_OK;
}

/* A failure here must not stop messages. */
static void publish(struct notifier *n)
{
    SCOPE(s);
    if (housekeeping_held_posts(s, n->db) != RC_OK)
        log_fault("held posts wait", s);
}

/* Nor here. */
static void calendar(struct notifier *n)
{
    SCOPE(s);
    if (housekeeping_calendar(s, n->db, n->config) != RC_OK)
        log_fault("planned maintenance and late promises wait", s);
}

/* Once the database answers: decide between the outbox and the relays, and start the senders. */
static enum rc prepare(struct scope *s, struct notifier *n)
{
    TRY(outbox_mode_decide(s, n->db, n->config, &n->registration.outbox));
    n->senders.with =
        (struct sender){.config = n->config, .keys = n->keys, .handover = &n->handover};
    return senders_start(n->scope, &n->senders, n->registration.outbox);
}

/* A process with a relay has started: it sends the messages, and this one must keep none of them.
 */
static enum rc leave_outbox(struct scope *s, struct notifier *n)
{
    bool over = false;
    if (!n->registration.outbox || !n->senders.enabled[CHANNEL_EMAIL])
        return RC_OK;
    TRY(outbox_mode_is_over(s, n->db, n->config, &over));
    if (over) {
        memset(n->senders.enabled, 0, sizeof n->senders.enabled);
        log_event(LOG_ERROR, "another notifier has a relay: this one waits until it is restarted",
            LOG_TEXT("set", "smtp_url"));
    }
    return RC_OK;
}

/* Orphans, due retries, holds, ended broadcasts, and housekeeping. */
static enum rc on_timer(struct scope *s, struct notifier *n)
{
    int64_t now = clock_monotonic();
    bool due = now >= n->timer_at;
    if (due)
        publish(n);
    if (due || n->ending)
        TRY(housekeeping_broadcasts(s, n->db));
    n->ending = false;
    if (!due)
        return RC_OK;
    n->timer_at = now + TIMER_MS * INT64_C(1000);
    memset(n->nothing, 0, sizeof n->nothing);
    TRY(leave_outbox(s, n));
    TRY(cancel_unsent(s, n->db, &n->registration));
    TRY(sender_status_publish(s, n->db, n->registration.id, n->registration.n == 0, &n->handover));
    TRY(staff_expand(s, n->db, n->config));
    TRY(detach_slow(s, n->db, &n->registration));
    TRY(claim_left(s, n));
    broadcasts_evict(&n->broadcasts, now, false);
    if (now >= n->calendar_at) {
        n->calendar_at = now + CALENDAR_MS * INT64_C(1000);
        calendar(n);
    }
    if (now >= n->renew_at) {
        TRY(housekeeping_rare(s, n->db, &n->registration));
        n->renew_at = now + RENEW_MS * INT64_C(1000);
    }
    return RC_OK;
}

static enum rc work(struct scope *s, struct notifier *n, bool *ret_more)
{
    if (!n->prepared)
        TRY(prepare(s, n));
    n->prepared = true;
    TRY(registration_ensure(s, n->db, &n->registration));
    if (!n->ready) {
        migrate_warn(n->db);
        service_ready("notifier");
        log_event(LOG_INFO, "ready", LOG_INT("notifier", n->registration.id));
        n->ready = true;
    }
    TRY(on_timer(s, n));
    return settle_and_claim(s, n, true, ret_more);
}

/* Wait for outcomes, a notification, the end, or the timer. */
static void wait_for_work(struct notifier *n, bool more)
{
    int64_t now = clock_monotonic(), until = handover_ripe_at(&n->handover);
    if (!until || until > n->timer_at)
        until = n->timer_at;
    int wait = until <= now || more ? 0 : (int)((until - now) / 1000) + 1;
    int timeout = n->back_off_ms ? n->back_off_ms : wait;
    struct pollfd fds[] = {
        {.fd = service_fd(), .events = POLLIN},
        {.fd = n->handover.wake, .events = POLLIN},
        {.fd = db_socket(n->db), .events = POLLIN},
    };
    /* Back-off: outcomes are kept, and only a stop shortens it. */
    poll(fds, n->back_off_ms ? 1 : 3, timeout);
    if (!n->back_off_ms && fds[2].revents) {
        SCOPE(s);
        if (db_notified(s, n->db))
            memset(n->nothing, 0, sizeof n->nothing);
    }
    handover_drain(n->handover.wake);
    int64_t ripe_at = handover_ripe_at(&n->handover);
    if (ripe_at && ripe_at <= clock_monotonic())
        handover_collect(&n->handover, &n->ended, &n->n, &n->alloc);
}

static void back_off(struct notifier *n, const struct scope *s)
{
    if (!n->back_off_ms || s->fault.rc == RC_INTERNAL)
        log_fault("the database fails; trying again", s);
    n->back_off_ms = n->back_off_ms ? 2 * n->back_off_ms : BACK_OFF_MIN_MS;
    if (n->back_off_ms > BACK_OFF_MAX_MS)
        n->back_off_ms = BACK_OFF_MAX_MS;
}

static bool work_once(struct notifier *n)
{
    SCOPE(s);
    bool more = false;
    if (work(s, n, &more) != RC_OK) {
        back_off(n, s);
        return false;
    }
    n->back_off_ms = 0;
    return more;
}

static bool settle_collected(struct notifier *n)
{
    SCOPE(s);
    handover_collect(&n->handover, &n->ended, &n->n, &n->alloc);
    bool more = true;
    enum rc rc = registration_ensure(s, n->db, &n->registration);
    while (rc == RC_OK && n->n)
        rc = settle_and_claim(s, n, false, &more);
    if (rc == RC_OK)
        return true;
    log_fault("outcomes wait for the database", s);
    return false;
}

/* The senders finish the messages in flight (in ten seconds at most) while outcomes are settled.
 * Batches that are left become orphans when our connection closes. */
static void drain(struct notifier *n)
{
    handover_stop(&n->handover);
    while (senders_running(&n->senders)) {
        poll(&(struct pollfd){.fd = n->handover.wake, .events = POLLIN}, 1, 50);
        handover_drain(n->handover.wake);
        settle_collected(n);
    }
    SCOPE(s);
    if (settle_collected(n) && housekeeping_broadcasts(s, n->db) == RC_OK)
        registration_leave(s, n->db, &n->registration);
    while (n->registration.n) {
        struct batch *batch = n->registration.live[n->registration.n - 1];
        registration_remove(&n->registration, batch);
        scope_free(batch->scope);
    }
    broadcasts_evict(&n->broadcasts, 0, true);
    log_event(LOG_INFO, "stopped", LOG_INT("notifier", n->registration.id));
}

static void release(void *arg)
{
    struct notifier *n = arg;
    db_free(n->db);
    sign_free(n->keys);
    free(n->registration.live);
    free(n->ended);
}

static enum rc run(struct scope *s, struct notifier *n)
{
    static const char *const channels[] = {"broadcast", NULL};
    crash_point_read();
    TRY(settings_check_all(s, n->config, notifier_checks));
    TRY(service_start(s));
    TRY(sign_load(s, n->config->key_file, false, &n->keys));
    net_start();
    TRY(handover_init(s, &n->handover));
    n->db = db_new(n->config->database_url, "notifier");
    db_plan_once(n->db);
    db_listen(n->db, channels);
    n->broadcasts = (struct broadcasts){.config = n->config, .keys = n->keys};
    n->cycle = (struct cycle){
        .claimant = {.db = n->db, .registration = &n->registration, .broadcasts = &n->broadcasts},
        .handover = &n->handover,
    };
    while (!service_stopping()) {
        service_alive();
        wait_for_work(n, work_once(n));
    }
    drain(n);
    return RC_OK;
}

int notifier_main(const struct config *config)
{
    SCOPE(s);
    struct notifier n = {.scope = s, .config = config};
    scope_defer(s, release, &n);
    enum rc rc = run(s, &n);
    if (rc != RC_OK)
        log_fault("the notifier cannot run", s);
    return rc_exit_code(rc);
}
