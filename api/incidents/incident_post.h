#pragma once
/*
 * Posting an update, for POST /v1/incidents and POST .../updates. Runs in the caller's transaction
 * and writes the update, the new revision of the impacts, the promises, the incident's state and
 * the broadcast (incident_post in api/incidents/sql/post.sql, which also posts automatic updates).
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/db/db.h"
#include "core/scope.h"
#include "core/shape.h"

/* One of components:[{component, level}]. */
struct post_component {
    const char *component;
    const char *level; /* "operational" closes */
};
extern const struct shape post_component_shape;
/* The slugs or levels of a list of components. */
struct texts post_component_column(struct scope *s, const struct list *components, bool slugs);

struct post {
    int64_t incident_id;
    const char *state;
    const char *body;
    int64_t posted_at;
    struct list components; /* of struct post_component */
    bool notify;
    int64_t next_update_minutes; /* SHAPE_NONE: no promise */
    int64_t hold_seconds;        /* delay before anything is sent */
    int64_t actor;               /* api_key */
};

struct posted {
    int64_t update_id;
    int64_t broadcast_id; /* SHAPE_NONE: no broadcast */
};

extern const char *const incident_states[]; /* both kinds */

/* Check that the kind has the state. RC_INVALID on the field "state". */
enum rc post_check_state(struct scope *s, const char *kind, const char *state);
bool post_is_end(const char *state); /* resolved, completed, cancelled */

enum rc post_update(struct scope *s, struct db *db, const struct post *post, struct posted *ret);
