/* The billing role: wait for runs and advance them until stopped. */
#include "billing/billing.h"

#include <poll.h>

#include "billing/retention.h"
#include "billing/run.h"
#include "core/clock.h"
#include "core/db/db.h"
#include "core/db/migrate.h"
#include "core/log.h"
#include "core/service.h"
#include "core/crash_point.h"

enum { POLL_MS = 1000, RETENTION_S = 3600, RETENTION_AGAIN_S = 60 };

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

/* Takes and logs a step. Pause after any result but RC_OK. */
static enum rc work(struct db *db)
{
    SCOPE(s);
    struct run_step step;
    enum rc rc = run_next(s, db, &step);
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

int billing_main(const struct config *config)
{
    SCOPE(s);
    crash_point_read();
    enum rc rc = service_start(s);
    if (rc != RC_OK) {
        log_fault("billing ends", s);
        return rc_exit_code(rc);
    }
    struct db *db = db_new(config->database_url, "billing");
    db_listen(db, channels);
    bool ready = false;
    int64_t retain_at = 0;
    while (!service_stopping()) {
        service_alive();
        rc = work(db);
        if (!ready && (rc == RC_OK || rc == RC_NOT_FOUND)) {
            migrate_warn(db);
            service_ready("taking credit runs");
            log_event(LOG_INFO, "ready", LOG_INT("poll_ms", POLL_MS));
            ready = true;
        }
        if (rc == RC_NOT_FOUND && clock_monotonic() >= retain_at)
            retain_at = retain(db, config);
        else if (rc != RC_OK)
            rest(db);
    }
    db_free(db);
    log_event(LOG_INFO, "stopped", LOG_TEXT("why", "asked to"));
    return 0;
}
