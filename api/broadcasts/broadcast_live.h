#pragma once
/*
 * A broadcast as it is now. Every number is counted from rows in one snapshot; none is
 * kept anywhere. A million outcomes take a tenth of a second, so ask on a worker.
 */
#include "core/db/db.h"

struct broadcast {
    int64_t id;
    const char *kind;
    const char *state;
    const char *incident;
    int64_t update;
    int64_t credit_run;
    int64_t audience;
    const char *counts;
    const char *channels;
    int64_t open;
    int64_t oldest_open_seconds;
    int64_t rate_per_second;
    int64_t estimate_seconds;
    const char *limited_by;
    const char *trouble;
    int64_t first_at;
    int64_t last_at;
    int64_t not_before;
    int64_t created_at;
    int64_t done_at; /* SHAPE_NONE: none yet */
};

extern const char *const broadcast_states[]; /* NULL-terminated */

/* RC_NOT_FOUND. The texts are in s. */
enum rc broadcast_read(struct scope *s, struct db *db, int64_t id, struct broadcast *ret);

/* RC_NOT_FOUND if it does not exist; cheap. */
enum rc broadcast_check(struct scope *s, struct db *db, int64_t id);
