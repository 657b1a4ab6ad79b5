#include "billing/liability/meter.h"

#include <stdlib.h>
#include <time.h>

#include "billing/liability/liability.h"
#include "core/clock.h"
#include "core/db/watch.h"
#include "core/log.h"
#include "core/service.h"

enum { LOOK_MS = 200 };

struct meter {
    struct watch *watch;
    struct liability *liability;
    int64_t every, next_at; /* us, monotonic */
};

/* Processor time of this thread, in us. */
static int64_t used(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec / 1000;
}

/* Never takes more than a third of a processor. */
static void look(struct scope *s, struct db *db, bool notified, void *arg)
{
    struct meter *meter = arg;
    int64_t began = clock_monotonic(), before = used();
    (void)notified;
    if (began < meter->next_at || service_stopping())
        return;
    if (liability_run(s, db, meter->liability) != RC_OK && !service_stopping())
        log_fault("estimates of open incidents postponed", s);
    int64_t pause = 3 * (used() - before);
    meter->next_at = began + (pause > meter->every ? pause : meter->every);
}

struct meter *meter_start(const struct config *config, zone_find *zones)
{
    static const char *const channels[] = {NULL};
    static const struct watching watching = {
        .channels = channels, .every_ms = LOOK_MS, .look = look};
    if (!config->liability_seconds)
        return NULL;
    struct meter *meter = calloc(1, sizeof *meter);
    if (!meter)
        abort();
    meter->every = config->liability_seconds * CLOCK_SECOND;
    meter->liability = liability_new(zones, service_stopping);
    meter->watch = watch_start(config->database_url, "billing-meter", &watching, meter);
    return meter;
}

void meter_stop(struct meter *meter)
{
    if (!meter)
        return;
    watch_stop(meter->watch);
    liability_free(meter->liability);
    free(meter);
}
