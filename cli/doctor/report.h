#pragma once
/*
 * The report of amends doctor on the prerequisites of the roles. Each check is a row with its
 * subject, its health, the observation and advice, for people and programs alike.
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
    bool good; /* no row has HEALTH_FAIL */
};

/* Add a row. advice: the remedy, or NULL if the check passed. */
__attribute__((format(printf, 6, 7))) void doctor_row(struct scope *s, struct doctor *doctor,
    const char *check, enum health health, const char *advice, const char *fmt, ...);
