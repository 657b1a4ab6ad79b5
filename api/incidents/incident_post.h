#pragma once
/*
 * Posting an update, for POST /v1/incidents and POST .../updates. Runs in the caller's transaction
 * and writes the update, the new revision of the impacts, the promises, the incident's state and
 * the broadcast (incident_post in api/incidents/sql/post.sql, which also posts automatic updates),
 * or holds it all (post_submit.h).
 */
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "api/incidents/post_submit.h"
#include "core/db/db.h"
#include "core/scope.h"
#include "core/shape.h"

/* One of components:[{component, level}]. */
struct post_component {
    const char *component;
    const char *level; /* "operational" closes */
};
extern const struct shape post_component_shape;
extern const char *const post_levels[]; /* operational to under_maintenance */
/* The slugs or levels of a list of components. */
struct texts post_component_column(struct scope *s, const struct list *components, bool slugs);

struct post {
    int64_t incident_id; /* SHAPE_NONE: it opens one */
    const char *ref, *title;
    const char *state;
    const char *body, *affected_body; /* affected_body: NULL: the affected read the body */
    const json_t *translations;       /* checked: {LANGUAGE: {title, body ...}}; or NULL */
    int64_t posted_at;
    bool timed; /* posted_at was given; otherwise a held post has the time of its publication */
    struct list components; /* of struct post_component */
    bool notify;
    int64_t next_update_minutes; /* SHAPE_NONE: no promise */
    int64_t hold_seconds;
    int64_t actor;        /* api_key */
    const json_t *opened; /* more members of the document of a post that opens an incident */
};

extern const char *const incident_states[];                                /* both kinds */
extern const char *const post_title_members[], *const post_body_members[]; /* of translations */

/* Check that the kind has the state. RC_INVALID on the field "state". */
enum rc post_check_state(struct scope *s, const char *kind, const char *state);
bool post_is_end(const char *state); /* resolved, completed, cancelled */

enum rc post_update(struct scope *s, struct db *db, const struct post *post, struct posted *ret);

/* The time of the update: of a held post, as it will be. */
int64_t post_time(const struct post *post, const struct posted *posted);
