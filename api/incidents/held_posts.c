/* GET /v1/held-posts, GET /v1/held-posts/{id}, POST .../undo, POST .../publish. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/list_page.h"
#include "api/incidents/incident.h"
#include "api/incidents/incidents.h"

static const char *const states[] = {"held", "published", "undone", "failed", NULL};

SHAPE_EXTERN(struct held_post, held_post_shape, "HeldPost",
    FIELD(INT, id, .required = true, .doc = "Id of the held post."),
    FIELD(TEXT, action, .required = true,
        .doc = "incident, update, edit, impacts, schedule or postmortem."),
    FIELD(TEXT, state, .required = true, .one_of = states,
        .doc = "held; then published, undone, or failed: it could no longer be applied."),
    FIELD(TEXT, incident, .required = true, .doc = "Ref of the first incident."),
    FIELD(TEXT, title, .required = true, .doc = "Its title."),
    FIELD(RAW, incidents, .required = true, .form = FORM_TEXTS, .doc = "Refs of its incidents."),
    FIELD(RAW, post, .required = true, .form = FORM_OBJECT, .doc = "Content of the post."),
    FIELD(TIME, publish_at, .required = true, .doc = "End of the undo window."),
    FIELD(INT, seconds_left, .required = true, .doc = "Seconds until then, 0 if it has ended."),
    FIELD(RAW, created_by, .form = FORM_OBJECT, .of = &actor_shape, .doc = "Who posted it."),
    FIELD(TIME, created_at, .required = true, .doc = "Time of the request."),
    FIELD(TIME, ended_at, .doc = "Time at which it was published, undone or failed."),
    FIELD(RAW, ended_by, .form = FORM_OBJECT, .of = &actor_shape,
        .doc = "Who undid it or published it early."),
    FIELD(INT, update, .doc = "Id of its update."),
    FIELD(INT, broadcast, .doc = "Id of its broadcast, once published."),
    FIELD(TEXT, failure, .doc = "Why it failed."));

struct held_post_filter {
    struct list_page page;
    const char *state, *incident;
};
const struct shape held_post_filter_shape = SHAPE("HeldPostFilter", struct held_post_filter,
    PAGE_FIELDS("50", 200), FIELD(TEXT, state, .one_of = states, .doc = "Filter by state."),
    FIELD(TEXT, incident, .max = 100, .doc = "Filter by incident (ref)."));

#define HELD_POST_SELECT \
    "SELECT h.id, h.action, h.state, h.ref AS incident, h.title," \
    "   coalesce((SELECT json_agg(i.ref ORDER BY n) FROM unnest(h.incident_ids) WITH ORDINALITY" \
    "     AS x(id, n) JOIN incident i ON i.id = x.id), json_build_array(h.ref)) AS incidents," \
    "   h.document::text AS post, h.publish_at, CASE h.state WHEN 'held' THEN greatest(0," \
    "     ceil(extract(epoch FROM h.publish_at - now())))::bigint ELSE 0 END AS seconds_left," \
    "   amends.key_who(h.created_by) AS created_by, h.created_at, h.ended_at," \
    "   amends.key_who(h.ended_by) AS ended_by, h.update_id AS update," \
    "   h.broadcast_id AS broadcast, h.failure FROM held_post h "

STMT(held_post_page,
    HELD_POST_SELECT "WHERE ($1::bigint = 0 OR h.id < $1) AND ($3::text IS NULL OR h.state = $3)"
                     "   AND ($4::text IS NULL OR h.ref = $4 OR (SELECT id FROM incident"
                     "     WHERE ref = $4) = ANY (h.incident_ids))"
                     " ORDER BY h.id DESC LIMIT $2",
    .row = &held_post_shape);
STMT(held_post_get, HELD_POST_SELECT "WHERE h.id = $1", .row = &held_post_shape);
STMT(held_post_undo_one, "SELECT amends.held_post_undo($1, $2)", .row = &row_bool);
STMT(held_post_publish_one, "SELECT amends.held_post_publish($1, $2)", .row = &row_text);

enum rc held_post_list(struct call *c)
{
    const struct held_post_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "held_posts", &before));
    TRY(db_all(c->s, c->db, &held_post_page,
        PARAMS(P_INT(before), P_INT(filter->page.limit), P_TEXT(filter->state),
            P_TEXT(filter->incident)),
        &rows));
    return reply_page(c, "held_posts", rows, offsetof(struct held_post, id));
}

static enum rc find(struct scope *s, struct db *db, int64_t id, struct held_post *ret)
{
    return IF_NONE(db_one(s, db, &held_post_get, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no held post %lld", (long long)id));
}

static enum rc reply_held_post(struct call *c, int64_t id)
{
    struct held_post row;
    TRY(find(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

enum rc held_post_show(struct call *c)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    return reply_held_post(c, id);
}

/* It ended while we waited for its row, or before. */
static enum rc refuse_ended(struct scope *s, struct db *db, int64_t id)
{
    struct held_post row;
    TRY(find(s, db, id, &row));
    if (!strcmp(row.state, "published"))
        return fail(s, RC_CONFLICT, "post %lld is published already", (long long)id);
    return fail(s, RC_CONFLICT, "post %lld is no longer held: %s", (long long)id, row.state);
}

struct ending {
    const struct call *c;
    int64_t id;
};

/* Nothing else keeps the text of a post that was undone as surely as the audit log. */
static enum rc undo(struct scope *s, struct db *db, void *arg)
{
    const struct ending *ending = arg;
    const struct call *c = ending->c;
    struct held_post row;
    bool undone;
    TRY(find(s, db, ending->id, &row));
    TRY(db_one(s, db, &held_post_undo_one, PARAMS(P_INT(ending->id), P_INT(c->key->id)), &undone));
    if (!undone)
        return refuse_ended(s, db, ending->id);
    return audit_add(s, db, call_actor(c), "held_post.undo", row.incident,
        scope_printf(s, "{\"held_post\":%lld,\"action\":\"%s\",\"post\":%s}", (long long)ending->id,
            row.action, row.post));
}

static enum rc publish(struct scope *s, struct db *db, void *arg)
{
    const struct ending *ending = arg;
    const struct call *c = ending->c;
    struct held_post row;
    const char *state;
    TRY(find(s, db, ending->id, &row));
    TRY(db_one(
        s, db, &held_post_publish_one, PARAMS(P_INT(ending->id), P_INT(c->key->id)), &state));
    if (!state)
        return refuse_ended(s, db, ending->id);
    return audit_add(s, db, call_actor(c), "held_post.publish", row.incident,
        scope_printf(s, "{\"held_post\":%lld,\"state\":\"%s\"}", (long long)ending->id, state));
}

static enum rc end(struct call *c, db_txn_fn *fn)
{
    struct ending ending = {.c = c};
    TRY(call_id(c, 0, &ending.id));
    TRY(db_txn(c->s, c->db, fn, &ending));
    return reply_held_post(c, ending.id);
}

enum rc held_post_undo(struct call *c)
{
    return end(c, undo);
}

enum rc held_post_publish(struct call *c)
{
    return end(c, publish);
}
