#pragma once
/* The plan of a maintenance: its window and automatic updates (maintenance_due in
 * notifier/sql/maintenance.sql, which notifiers call). */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/db/db.h"

enum { SCHEDULE_MINUTES = 10080 }; /* at most a week */

struct schedule {
    int64_t from, until; /* SHAPE_NONE: not scheduled; open */
    bool auto_start, auto_complete, auto_notify;
    int64_t verify_minutes, reminder_minutes;
};

/* RC_INVALID on a field: only a maintenance has a plan, its end must be after its start and, in
 * state scheduled, in the future. */
enum rc schedule_check(
    struct scope *s, const char *kind, const char *state, const struct schedule *schedule);
/* The plan as a member of a post's document; a new reference. */
json_t *schedule_json(struct scope *s, const struct schedule *schedule);
