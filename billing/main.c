/* The billing role: wait for runs and advance them until stopped. */
#include "billing/billing.h"

#include <poll.h>

#include "billing/liability/meter.h"
#include "billing/retention.h"
#include "billing/run.h"
#include "billing/schedule.h"
#include "billing/zones.h"
#include "core/clock.h"
#include "core/crash_point.h"
#include "core/db/db.h"
#include "core/db/migrate.h"
#include "core/ledger/chain.h"
#include "core/log.h"
#include "core/service.h"
#include "core/sign.h"

enum { POLL_MS = 1000, RETENTION_S = 3600, RETENTION_AGAIN_S = 60, PIN_S = 10, SCHEDULE_S = 60 };

static const char *const channels[] = {"credit_run", NULL};

/* Wait for a notification, a stop, or one second, since notifications may get lost. */
static void rest(struct db *db)
{
    SCOPE(s);
    /* A notification that came with the last result is in libpq's buffer and does not wake poll(2).
     */
    if (db_notified(s, db))
        return;
    struct pollfd fds[] = {
        {.fd = service_fd(), .events = POLLIN},
        {.fd = db_socket(db), .events = POLLIN},
    };
    poll(fds, 2, POLL_MS);
}

struct chaining {
    const struct sign *keys;
    int64_t found;
};

static enum rc begin_chain(struct scope *s, struct db *db, void *arg)
{
    struct chaining *chaining = arg;
    TRY(db_unhurried(s, db));
    return ledger_begin(s, db, chaining->keys, &chaining->found);
}

static enum rc pin_audit(struct scope *s, struct db *db, void *arg)
{
    const struct chaining *chaining = arg;
    return ledger_pin_audit(s, db, chaining->keys);
}

/* Once per process. A database from before the chain is pinned as it is. */
static enum rc begin(struct db *db, const struct sign *keys)
{
    SCOPE(s);
    struct chaining chaining = {.keys = keys};
    enum rc rc = db_txn(s, db, begin_chain, &chaining);
    if (rc != RC_OK)
        log_fault("the ledger's chain is not begun", s);
    else if (chaining.found)
        log_event(LOG_WARN, "the ledger's chain begins with events of before, as they are now",
            LOG_INT("events", chaining.found));
    return rc;
}

/* Returns the time of the next pin, in us (monotonic). */
static int64_t pin(struct db *db, const struct sign *keys)
{
    SCOPE(s);
    struct chaining chaining = {.keys = keys};
    if (db_txn(s, db, pin_audit, &chaining) != RC_OK)
        log_fault("the audit log is not pinned", s);
    return clock_monotonic() + PIN_S * CLOCK_SECOND;
}

/* Takes and logs a step. Pause after any result but RC_OK. */
static enum rc work(struct db *db, const struct sign *keys)
{
    SCOPE(s);
    struct run_step step;
    enum rc rc = run_next(s, db, keys, &step);
    if (rc == RC_OK && step.failure)
        log_event(LOG_WARN, "run failed", LOG_INT("run", step.id), LOG_TEXT("why", step.failure));
    else if (rc == RC_OK)
        log_event(LOG_INFO, "run", LOG_INT("run", step.id), LOG_TEXT("state", step.state),
            LOG_INT("credits", step.credits));
    else if (rc != RC_NOT_FOUND)
        log_fault("credit runs wait", s);
    return rc;
}

/* Runs hourly while no run waits. Returns the time of the next pass, in us (monotonic). */
static int64_t retain(struct db *db, const struct config *config)
{
    SCOPE(s);
    bool more = false;
    enum rc rc = retention_run(s, db, config, &more);
    if (rc != RC_OK)
        log_fault("retention postponed", s);
    int64_t seconds = rc != RC_OK ? RETENTION_AGAIN_S : more ? 0 : RETENTION_S;
    return clock_monotonic() + seconds * CLOCK_SECOND;
}

/* Returns the time of the next look at the schedules, in us (monotonic). */
static int64_t schedule(struct db *db)
{
    SCOPE(s);
    if (schedule_run(s, db) != RC_OK)
        log_fault("schedules of policies postponed", s);
    return clock_monotonic() + SCHEDULE_S * CLOCK_SECOND;
}

/* Without the keys no credit could be proved. */
const struct settings_check billing_checks[] = {SETTINGS_SHARED, {0}};

static enum rc start(struct scope *s, const struct config *config, struct sign **ret_keys)
{
    TRY(settings_check_all(s, config, billing_checks));
    TRY(service_start(s));
    return sign_load(s, config->key_file, false, ret_keys);
}

struct billing {
    struct db *db;
    struct sign *keys;
    const struct config *config;
    int64_t retain_at, pin_at, schedule_at;
    bool begun, ready;
};

static void report_ready(struct billing *billing)
{
    migrate_warn(billing->db);
    service_ready("taking credit runs");
    log_event(LOG_INFO, "ready", LOG_INT("poll_ms", POLL_MS));
    billing->ready = true;
}

static void turn(struct billing *billing)
{
    enum rc rc = RC_OK;
    if (!billing->begun)
        rc = begin(billing->db, billing->keys);
    billing->begun = rc == RC_OK;
    if (rc == RC_OK)
        rc = work(billing->db, billing->keys);
    if (!billing->ready && (rc == RC_OK || rc == RC_NOT_FOUND))
        report_ready(billing);
    if (rc != RC_OK && clock_monotonic() >= billing->pin_at && billing->begun)
        billing->pin_at = pin(billing->db, billing->keys);
    if (rc == RC_NOT_FOUND && clock_monotonic() >= billing->schedule_at)
        billing->schedule_at = schedule(billing->db);
    else if (rc == RC_NOT_FOUND && clock_monotonic() >= billing->retain_at)
        billing->retain_at = retain(billing->db, billing->config);
    else if (rc != RC_OK)
        rest(billing->db);
}

int billing_main(const struct config *config)
{
    SCOPE(s);
    crash_point_read();
    struct billing billing = {.config = config};
    enum rc rc = start(s, config, &billing.keys);
    if (rc != RC_OK) {
        log_fault("billing ends", s);
        return rc_exit_code(rc);
    }
    billing.db = db_new(config->database_url, "billing");
    db_listen(billing.db, channels);
    struct meter *meter = meter_start(config, zones_shared);
    while (!service_stopping()) {
        service_alive();
        turn(&billing);
    }
    meter_stop(meter);
    db_free(billing.db);
    sign_free(billing.keys);
    log_event(LOG_INFO, "stopped", LOG_TEXT("why", "asked to"));
    return 0;
}
