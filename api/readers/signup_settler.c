#include "api/readers/signup_settler.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/db/watch.h"

enum { LOOK_MS = 5000 };
#define HOUSEKEEPING_US (60 * CLOCK_SECOND)

struct signup_settler {
    struct watch *watch;
    int64_t housekeeping; /* monotonic: time of the last run */
};

STMT(signup_settle_all, "SELECT amends.signup_settle()");
STMT(signup_housekeeping, "SELECT amends.reader_housekeeping()");

static void try_statement(struct db *db, const struct stmt *stmt)
{
    SCOPE(s);
    if (db_do(s, db, stmt, NO_PARAMS, NULL) != RC_OK)
        log_fault("readers' requests wait", s);
}

static void look(struct scope *s, struct db *db, bool notified, void *arg)
{
    (void)s, (void)notified;
    struct signup_settler *settler = arg;
    if (db_socket(db) >= 0)
        try_statement(db, &signup_settle_all);
    if (db_socket(db) >= 0 && clock_monotonic() - settler->housekeeping > HOUSEKEEPING_US) {
        try_statement(db, &signup_housekeeping);
        settler->housekeeping = clock_monotonic();
    }
}

static const char *const channels[] = {"signup", NULL};
static const struct watching watching = {.channels = channels, .every_ms = LOOK_MS, .look = look};

struct signup_settler *signup_settler_start(const struct api *api)
{
    struct signup_settler *settler = calloc(1, sizeof(*settler));
    if (!settler)
        abort();
    settler->watch = watch_start(api->config->database_url, "api", &watching, settler);
    return settler;
}

void signup_settler_stop(struct signup_settler *settler)
{
    watch_stop(settler->watch);
    free(settler);
}
