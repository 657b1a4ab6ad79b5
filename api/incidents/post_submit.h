#pragma once
/*
 * The one way to change an incident: a post is written at once or, with hold_seconds, held for an
 * undo window and then written as one by a notifier or an api (api/incidents/sql/held.sql). Until
 * then nothing of it exists for a reader, a message or a credit. Another post or correction of the
 * same incident is refused meanwhile (RC_CONFLICT).
 *
 *     struct post_order order = {.action = "impacts",
 *         .incidents = &id,
 *         .n = 1,
 *         .document = json_own(s, json_pack("{s:o}", "impacts", list)),
 *         .hold_seconds = in->hold_seconds,
 *         .actor = c->key->id};
 *     TRY(post_submit(s, db, &order, &posted));
 */
#include <jansson.h>
#include <stdint.h>

#include "core/db/db.h"
#include "core/scope.h"
#include "core/shape.h"

struct post_order {
    const char *action;       /* incident, update, edit, impacts, schedule, postmortem */
    const int64_t *incidents; /* none: it opens one */
    size_t n;
    const char *ref, *title; /* of the first incident */
    const json_t *document;  /* what amends.post_apply writes */
    int64_t update_id;       /* that is edited; else SHAPE_NONE */
    int64_t hold_seconds;
    int64_t actor; /* api_key */
};

struct posted {
    int64_t update_id;    /* of a held post: reserved for it */
    int64_t broadcast_id; /* SHAPE_NONE: none, or held */
    int64_t held_post_id; /* SHAPE_NONE: written */
    int64_t publish_at;
};

enum { POST_HOLD_MAX = 3600 };
#define POST_HOLD_DOC \
    "Undo window in seconds: until it ends nothing is published, sent or counted, and POST " \
    "/v1/held-posts/{id}/undo leaves no trace."
#define POST_HOLD_FIELD \
    FIELD(INT, hold_seconds, .def = "0", .min = 0, .max = POST_HOLD_MAX, .doc = POST_HOLD_DOC)

/* The members held_post and publish_at of a reply. */
#define POST_HELD_FIELDS \
    FIELD(INT, held_post, .doc = "Id of the held post, while its undo window is open."), \
        FIELD(TIME, publish_at, .doc = "End of the undo window.")

enum rc post_submit(
    struct scope *s, struct db *db, const struct post_order *order, struct posted *ret);

/* The audit log's detail of a post: NULL, or that it is held. */
const char *post_audit(struct scope *s, const struct posted *posted);

/* Set a member to a time, unless it is SHAPE_NONE. */
void post_put_time(struct scope *s, json_t *document, const char *name, int64_t at);
