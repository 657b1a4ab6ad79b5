#include "cli/rehearsal.h"

#include "core/clock.h"
#include "messages/preview.h"

struct incident_row {
    int64_t id;
    const char *kind;
};
static const struct shape incident_row_shape =
    SHAPE("RehearsedIncident", struct incident_row, FIELD(INT, id), FIELD(TEXT, kind));

STMT(rehearsal_incident, "SELECT id, kind FROM incident WHERE ref = $1 FOR UPDATE",
    .row = &incident_row_shape);
STMT(rehearsal_open,
    "INSERT INTO incident (ref, title, kind, state, announced_at, started_at)"
    " VALUES ($1, $2, 'incident', $3, now(), now()) ON CONFLICT DO NOTHING RETURNING id, kind",
    .row = &incident_row_shape);
struct stage {
    const struct config *config;
    const struct rehearsal *rehearsal;
    json_t *shown;
};

static enum rc incident(
    struct scope *s, struct db *db, const struct rehearsal *r, struct incident_row *ret)
{
    if (r->title) {
        return IF_NONE(db_one(s, db, &rehearsal_open,
                           PARAMS(P_TEXT(r->ref), P_TEXT(r->title), P_TEXT(r->state)), ret),
            fail(s, RC_CONFLICT, "incident \"%s\" exists already", r->ref));
    }
    return IF_NONE(db_one(s, db, &rehearsal_incident, PARAMS(P_TEXT(r->ref)), ret),
        fail(s, RC_NOT_FOUND, "no incident \"%.100s\"", r->ref));
}

static enum rc stage_it(struct scope *s, struct db *db, void *arg)
{
    struct stage *stage = arg;
    const struct rehearsal *r = stage->rehearsal;
    struct incident_row row;
    struct posted posted;
    TRY(incident(s, db, r, &row));
    TRY(post_check_state(s, row.kind, r->state));
    const struct post post = {.incident_id = row.id,
        .state = r->state,
        .body = r->body,
        .posted_at = clock_now(),
        .components = {.at = (void *)r->components, .n = r->n},
        .notify = true,
        .next_update_minutes = SHAPE_NONE,
        .actor = SHAPE_NONE};
    TRY(post_update(s, db, &post, &posted));
    return preview_make(s, db, stage->config, posted.broadcast_id, &stage->shown);
}

enum rc rehearse(struct scope *s, struct db *db, const struct config *config,
    const struct rehearsal *rehearsal, json_t **ret)
{
    struct stage stage = {.config = config, .rehearsal = rehearsal};
    TRY(db_rehearse(s, db, stage_it, &stage));
    *ret = stage.shown;
    return RC_OK;
}
