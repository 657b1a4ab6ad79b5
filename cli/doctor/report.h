#ifndef CLI_DOCTOR_REPORT_H
#define CLI_DOCTOR_REPORT_H
/*
 * amends doctor: is what the roles need there? Each check is a row, so that a person and a
 * program read the same: what was looked at, how it is, what was seen, and what to do.
 */
#include <jansson.h>

#include "core/config.h"
#include "core/db/db.h"

enum health { HEALTH_OK, HEALTH_WARN, HEALTH_FAIL };

struct doctor {
    const struct config *config;
    struct db *db;
    const char *resolver; /* IP[:PORT] or NULL: the system's */
    json_t *rows;
    bool good; /* no row is HEALTH_FAIL */
};

/* Add a row. advice: what to do, or NULL when nothing is wrong. */
__attribute__((format(printf, 6, 7))) void doctor_row(struct scope *s, struct doctor *doctor,
    const char *check, enum health health, const char *advice, const char *fmt, ...);

#endif
