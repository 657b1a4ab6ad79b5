/* PATCH /v1/incidents/{ref}/updates/{id}: the corrected text of an update. */
#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/incidents/incident.h"
#include "api/incidents/incidents.h"
#include "core/json.h"

struct update_change {
    const char *body, *affected_body;
    const json_t *translations;
    int64_t hold_seconds;
};
const struct shape update_change_shape = SHAPE("UpdateChange", struct update_change,
    FIELD(TEXT, body, .multiline = true, .min = 1, .max = POST_BODY_MAX,
        .doc = "Corrected text, Markdown; required without another text."),
    AFFECTED_BODY_CHANGE_FIELD,
    TRANSLATIONS_FIELD(update_texts_shape, "instead of those so far, the body"), POST_HOLD_FIELD);

struct edited {
    struct update update;
    int64_t incident_id;
    const char *title, *audience, *before, *affected_before, *translations;
};
static const struct shape edited_shape =
    SHAPE("EditedUpdate", struct edited, FIELD_AS(INT, "id", update.id),
        FIELD_AS(TEXT, "state", update.state), FIELD_AS(TIME, "posted_at", update.posted_at),
        FIELD_AS(TIME, "next_update_at", update.next_update_at), FIELD(INT, incident_id),
        FIELD(TEXT, title), FIELD(TEXT, audience), FIELD(TEXT, before),
        FIELD(TEXT, affected_before), FIELD(TEXT, translations));

/* An automatic text becomes a text of staff. */
STMT(update_edited,
    "SELECT u.id, u.state, u.posted_at, i.id AS incident_id, i.title, i.audience, u.body AS before,"
    "   u.affected_body AS affected_before, u.translations,"
    "   (SELECT min(p.due_at) FROM promise p WHERE p.update_id = u.id) AS next_update_at"
    "  FROM incident_update u JOIN incident i ON i.id = u.incident_id"
    " WHERE u.id = $2 AND i.ref = $1 FOR NO KEY UPDATE OF i",
    .row = &edited_shape);

struct edit {
    const struct call *c;
    int64_t id;
    struct edited row;
};

static json_t *document(struct scope *s, const struct update_change *in)
{
    json_t *json = json_own(s, json_object());
    if (in->body)
        json_object_set_new(json, "body", json_string(in->body));
    if (in->affected_body)
        json_object_set_new(json, "affected_body", json_string(in->affected_body));
    if (in->translations)
        json_object_set(json, "translations", (json_t *)in->translations);
    return json;
}

static enum rc edit_update(struct scope *s, struct db *db, void *arg)
{
    struct edit *edit = arg;
    const struct call *c = edit->c;
    const struct update_change *in = c->body;
    struct edited *row = &edit->row;
    const char *translations;
    struct posted posted;
    if (!in->body && !in->affected_body && !in->translations)
        return fail_field(s, RC_INVALID, "body", "is missing");
    TRY(translations_check(s, &update_texts_shape, in->translations, &translations));
    TRY(IF_NONE(db_one(s, db, &update_edited, PARAMS(P_TEXT(c->param[0]), P_INT(edit->id)), row),
        fail(s, RC_NOT_FOUND, "incident \"%.100s\" does not have this update", c->param[0])));
    TRY(affected_body_check(s, row->audience, in->affected_body, in->translations));
    struct post_order order = {.action = "edit",
        .incidents = &row->incident_id,
        .n = 1,
        .ref = c->param[0],
        .title = row->title,
        .document = document(s, in),
        .update_id = edit->id,
        .hold_seconds = in->hold_seconds,
        .actor = c->key->id};
    TRY(post_submit(s, db, &order, &posted));
    row->update.body = in->body ? in->body : row->before;
    const char *affected = in->affected_body ? in->affected_body : row->affected_before;
    row->update.affected_body = affected && *affected ? affected : NULL;
    row->update.translations = translations ? translations : row->translations;
    row->update.held_post = posted.held_post_id;
    row->update.publish_at = posted.publish_at;
    json_t *detail =
        json_own(s, json_pack("{s:I, s:s, s:s*}", "update", (json_int_t)edit->id, "before",
                        row->before, "affected_before", row->affected_before));
    if (in->translations)
        json_object_set_new(detail, "translations_before", json_string(row->translations));
    if (posted.held_post_id != SHAPE_NONE)
        json_object_set_new(detail, "held_post", json_integer(posted.held_post_id));
    return audit_add(
        s, db, call_actor(c), "incident.update.edit", c->param[0], json_text(s, detail));
}

enum rc update_change(struct call *c)
{
    struct edit edit = {.c = c};
    TRY(call_id(c, 1, &edit.id));
    TRY(db_txn(c->s, c->db, edit_update, &edit));
    return reply_object(c, &edit.row.update);
}
