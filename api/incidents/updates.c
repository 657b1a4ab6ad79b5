/* POST /v1/incidents/{ref}/updates. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/incidents/incident.h"
#include "api/incidents/preview.h"
#include "api/incidents/incidents.h"
#include "core/clock.h"
#include "core/json.h"

SHAPE_EXTERN(struct update_texts, update_texts_shape, "UpdateTexts",
    FIELD(TEXT, body, .multiline = true, .min = 1, .max = POST_BODY_MAX, .doc = "Markdown."),
    AFFECTED_BODY_FIELD);
const struct shape update_shape =
    SHAPE("Update", struct update, FIELD(INT, id, .required = true, .doc = "Id of the update."),
        FIELD(TEXT, state, .required = true, .doc = "State of the incident from this update on."),
        FIELD(TEXT, body, .required = true, .doc = "Markdown."), AFFECTED_BODY_FIELD,
        TRANSLATIONS_REPLY(update_texts_shape),
        FIELD(TIME, posted_at, .required = true, .doc = "Time of the update."),
        FIELD(TIME, next_update_at, .doc = "Promised time of the next update."),
        FIELD(RAW, broadcast, .form = FORM_INT, .nullable = true,
            .doc = "Id of the broadcast to subscribers, or null."),
        POST_HELD_FIELDS);

struct new_update {
    const char *state;
    const char *body, *affected_body;
    const json_t *translations;
    struct list components;
    int64_t posted_at;
    bool notify;
    int64_t next_update_minutes;
    int64_t hold_seconds;
    struct preview_test test; /* of a preview */
};
#define NEW_UPDATE_FIELDS \
    FIELD(TEXT, state, .required = true, .one_of = incident_states, .doc = "New state."), \
        FIELD(TEXT, body, .required = true, .multiline = true, .min = 1, .max = POST_BODY_MAX, \
            .doc = "Markdown."), \
        AFFECTED_BODY_FIELD, TRANSLATIONS_FIELD(update_texts_shape, "body"), \
        FIELD(LIST, components, .of = &post_component_shape, .max = 500, \
            .doc = "Components with a new level."), \
        FIELD(TIME, posted_at, \
            .doc = "Time of the update; default: now. Not before the previous update."), \
        FIELD(BOOL, notify, .def = "true", .doc = "Notify subscribers."), \
        FIELD(INT, next_update_minutes, .min = 1, .max = 525600, \
            .doc = "Promised time of the next update."), \
        POST_HOLD_FIELD
const struct shape new_update_shape = SHAPE("UpdateCreate", struct new_update, NEW_UPDATE_FIELDS);
const struct shape update_preview_shape =
    SHAPE("UpdatePreview", struct new_update, NEW_UPDATE_FIELDS, PREVIEW_TEST_FIELDS);

SHAPE_STATIC(struct incident_head, incident_head_shape, "IncidentHead", FIELD(INT, id),
    FIELD(TEXT, kind), FIELD(TEXT, title), FIELD(TEXT, audience), FIELD(TIME, last_posted_at));

/* Updates of one incident are serialised. */
STMT(incident_lock, "SELECT id FROM incident WHERE ref = $1 FOR NO KEY UPDATE", .row = &row_int);
STMT(incident_head_get,
    "SELECT i.id, i.kind, i.title, i.audience,"
    "  (SELECT max(posted_at) FROM incident_update WHERE incident_id = i.id) AS last_posted_at"
    "  FROM incident i WHERE i.id = $1",
    .row = &incident_head_shape);

enum rc affected_body_check(
    struct scope *s, const char *audience, const char *affected_body, const json_t *translations)
{
    static const char why[] = "is read only in an incident with audience both";
    const char *tag;
    json_t *one;
    if (!strcmp(audience, "both"))
        return RC_OK;
    if (affected_body && *affected_body)
        return fail_field(s, RC_INVALID, "affected_body", "%s", why);
    json_object_foreach((json_t *)translations, tag, one)
    {
        if (json_object_get(one, "affected_body"))
            return fail_field(
                s, RC_INVALID, scope_printf(s, "translations.%s.affected_body", tag), "%s", why);
    }
    return RC_OK;
}

enum rc update_time(struct scope *s, int64_t posted_at, int64_t *ret)
{
    int64_t now = clock_now();
    if (posted_at != SHAPE_NONE && posted_at > now + 60 * CLOCK_SECOND)
        return fail_field(s, RC_INVALID, "posted_at", "lies in the future");
    *ret = posted_at == SHAPE_NONE ? now : posted_at;
    return RC_OK;
}

const char *posted_broadcast(struct scope *s, const struct posted *posted)
{
    bool none = posted->broadcast_id == SHAPE_NONE;
    return none ? "null" : scope_printf(s, "%lld", (long long)posted->broadcast_id);
}

void update_fill(struct scope *s, const struct post *post, const struct posted *posted,
    struct update *ret, const char **ret_broadcast)
{
    bool promised = post->next_update_minutes != SHAPE_NONE;
    int64_t at = post_time(post, posted);
    *ret = (struct update){.id = posted->update_id,
        .state = post->state,
        .body = post->body,
        .affected_body = post->affected_body,
        .translations = post->translations
                            ? json_text(s, json_own(s, translations_only(
                                                           post->translations, post_body_members)))
                            : NULL,
        .posted_at = at,
        .next_update_at =
            promised ? at + post->next_update_minutes * 60 * CLOCK_SECOND : SHAPE_NONE,
        .held_post = posted->held_post_id,
        .publish_at = posted->publish_at};
    *ret_broadcast = posted_broadcast(s, posted);
}

struct creation {
    const struct call *c;
    int64_t posted_at;
    struct update reply;
    struct preview *preview; /* NULL: not a preview */
};

static enum rc lock(struct scope *s, struct db *db, const char *ref, struct incident_head *ret)
{
    int64_t id;
    TRY(IF_NONE(
        db_one(s, db, &incident_lock, PARAMS(P_TEXT(ref)), &id), incident_missing(s, db, ref)));
    return db_one(s, db, &incident_head_get, PARAMS(P_INT(id)), ret);
}

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    struct creation *creation = arg;
    const struct call *c = creation->c;
    const struct new_update *in = c->body;
    struct incident_head head = {0};
    TRY(translations_check(s, &update_texts_shape, in->translations, NULL));
    TRY(lock(s, db, c->param[0], &head));
    TRY(post_check_state(s, head.kind, in->state));
    TRY(affected_body_check(s, head.audience, in->affected_body, in->translations));
    if (head.last_posted_at != SHAPE_NONE && creation->posted_at < head.last_posted_at)
        return fail_field(s, RC_INVALID, "posted_at", "is earlier than the previous update (%s)",
            clock_rfc3339(s, head.last_posted_at));
    struct post post = {.incident_id = head.id,
        .ref = c->param[0],
        .title = head.title,
        .state = in->state,
        .body = in->body,
        .affected_body = in->affected_body,
        .translations = in->translations,
        .posted_at = creation->posted_at,
        .timed = in->posted_at != SHAPE_NONE,
        .components = in->components,
        .notify = in->notify,
        .next_update_minutes = in->next_update_minutes,
        .hold_seconds = creation->preview ? 0 : in->hold_seconds,
        .actor = c->key->id};
    struct posted posted;
    TRY(post_update(s, db, &post, &posted));
    if (creation->preview)
        return preview_take(s, db, creation->preview, posted.broadcast_id);
    const char *broadcast;
    update_fill(s, &post, &posted, &creation->reply, &broadcast);
    creation->reply.broadcast = broadcast;
    return audit_add(s, db, call_actor(c), "incident.update", c->param[0], post_audit(s, &posted));
}

enum rc update_create(struct call *c)
{
    const struct new_update *in = c->body;
    struct creation creation = {.c = c};
    TRY(update_time(c->s, in->posted_at, &creation.posted_at));
    TRY(db_txn(c->s, c->db, create, &creation));
    return reply_object(c, &creation.reply);
}

enum rc update_preview(struct call *c)
{
    const struct new_update *in = c->body;
    struct preview preview = {.c = c, .test = &in->test};
    struct creation creation = {.c = c, .preview = &preview};
    TRY(update_time(c->s, in->posted_at, &creation.posted_at));
    return preview_post(&preview, create, &creation);
}
