/* POST /v1/postmortems: one post-mortem for several incidents. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/incidents/incident.h"
#include "api/incidents/preview.h"
#include "api/incidents/incidents.h"
#include "core/clock.h"
#include "core/json.h"

struct new_postmortem {
    struct texts incidents;
    const char *title, *body;
    const json_t *translations;
    bool notify;
    int64_t hold_seconds;
    struct preview_test test; /* of a preview */
};
#define NEW_POSTMORTEM_FIELDS \
    FIELD(TEXTS, incidents, .required = true, .min = 1, .max = 20, \
        .doc = "Refs of the incidents; the message to readers concerns the first."), \
        FIELD(TEXT, title, .min = 1, .max = 250, .doc = "Heading above the text."), \
        FIELD(TEXT, body, .required = true, .multiline = true, .min = 1, \
            .max = POST_BODY_MAX - 300, .doc = "Markdown."), \
        TRANSLATIONS_FIELD(postmortem_texts_shape, "heading and text"), \
        FIELD(BOOL, notify, .def = "true", \
            .doc = "Notify each subscriber once, except those who muted one of the incidents."), \
        POST_HOLD_FIELD
SHAPE_EXTERN(struct postmortem_texts, postmortem_texts_shape, "PostmortemTexts",
    FIELD(TEXT, title, .min = 1, .max = 250, .doc = "Heading above the text."),
    FIELD(TEXT, body, .required = true, .multiline = true, .min = 1, .max = POST_BODY_MAX - 300,
        .doc = "Markdown."));
const struct shape new_postmortem_shape =
    SHAPE("PostmortemCreate", struct new_postmortem, NEW_POSTMORTEM_FIELDS);
const struct shape postmortem_preview_shape =
    SHAPE("PostmortemPreview", struct new_postmortem, NEW_POSTMORTEM_FIELDS, PREVIEW_TEST_FIELDS);

SHAPE_EXTERN(struct postmortem_posted, postmortem_posted_shape, "PostmortemPosted",
    FIELD(TEXTS, incidents, .required = true,
        .doc = "Refs of the incidents whose timelines contain it."),
    FIELD(RAW, broadcast, .form = FORM_INT, .nullable = true,
        .doc = "Id of the broadcast to subscribers, or null."),
    POST_HELD_FIELDS);

/* Locked in a fixed order, so that two post-mortems of the same incidents do not deadlock. */
STMT(postmortem_lock,
    "SELECT id FROM incident WHERE ref = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE",
    .row = &row_int);
STMT(postmortem_incident,
    "SELECT id FROM incident WHERE ref = $1 AND state IN ('resolved', 'postmortem')"
    "  AND (NOT $2::boolean OR audience = 'public')",
    .row = &row_int);
STMT(postmortem_title, "SELECT title FROM incident WHERE id = $1", .row = &row_text);

static enum rc find_incidents(
    struct scope *s, struct db *db, const struct texts *refs, int64_t *ids)
{
    for (size_t i = 0; i < refs->n; i++) {
        const char *path = scope_printf(s, "incidents[%zu]", i);
        TRY(IF_NONE(db_one(s, db, &postmortem_incident,
                        PARAMS(P_TEXT(refs->at[i]), P_BOOL(refs->n > 1)), &ids[i]),
            refs->n > 1
                ? fail_field(s, RC_INVALID, path,
                      "\"%.100s\" is not a resolved incident of the public page", refs->at[i])
                : fail_field(
                      s, RC_INVALID, path, "\"%.100s\" is not a resolved incident", refs->at[i])));
        for (size_t j = 0; j < i; j++)
            if (ids[j] == ids[i])
                return fail_field(s, RC_INVALID, path, "is listed twice");
    }
    return RC_OK;
}

struct posting {
    const struct call *c;
    struct posted posted;
    struct preview *preview; /* NULL: not a preview */
};

/* The text of the update: below its heading, if there is one. */
static const char *headed(struct scope *s, const char *title, const char *body)
{
    return title ? scope_printf(s, "### %s\n\n%s", title, body) : body;
}

/* {LANGUAGE: {body}}, for the document; a new reference. */
static json_t *headed_all(struct scope *s, const json_t *translations)
{
    json_t *all = json_object(), *one;
    const char *language;
    json_object_foreach((json_t *)translations, language, one) json_object_set_new(all, language,
        json_pack(
            "{s:s}", "body", headed(s, json_get_text(one, "title"), json_get_word(one, "body"))));
    return all;
}

static enum rc submit(struct scope *s, struct db *db, struct posting *posting, const int64_t *ids)
{
    const struct call *c = posting->c;
    const struct new_postmortem *in = c->body;
    const char *title, *body = headed(s, in->title, in->body);
    bool held = in->hold_seconds > 0 && !posting->preview;
    json_t *document = json_own(s, json_pack("{s:s, s:b}", "body", body, "notify", in->notify));
    if (in->translations)
        json_object_set_new(document, "translations", headed_all(s, in->translations));
    post_put_time(s, document, held ? "submitted_at" : "posted_at", clock_now());
    TRY(db_one(s, db, &postmortem_title, PARAMS(P_INT(*ids)), &title));
    struct post_order order = {.action = "postmortem",
        .incidents = ids,
        .n = in->incidents.n,
        .ref = in->incidents.at[0],
        .title = title,
        .document = document,
        .update_id = SHAPE_NONE,
        .hold_seconds = held ? in->hold_seconds : 0,
        .actor = c->key->id};
    return post_submit(s, db, &order, &posting->posted);
}

static enum rc post(struct scope *s, struct db *db, void *arg)
{
    struct posting *posting = arg;
    const struct call *c = posting->c;
    const struct new_postmortem *in = c->body;
    int64_t *ids = SCOPE_ARRAY(s, int64_t, in->incidents.n + 1);
    TRY(translations_check(s, &postmortem_texts_shape, in->translations, NULL));
    TRY(db_do(s, db, &postmortem_lock, PARAMS(P_TEXTS(s, &in->incidents)), NULL));
    TRY(find_incidents(s, db, &in->incidents, ids));
    TRY(submit(s, db, posting, ids));
    if (posting->preview)
        return preview_take(s, db, posting->preview, posting->posted.broadcast_id);
    return audit_add(s, db, call_actor(c), "postmortem.create", in->incidents.at[0],
        post_audit(s, &posting->posted));
}

enum rc postmortem_create(struct call *c)
{
    const struct new_postmortem *in = c->body;
    struct posting posting = {.c = c};
    TRY(db_txn(c->s, c->db, post, &posting));
    return reply_object(c, &(struct postmortem_posted){.incidents = in->incidents,
                               .broadcast = posted_broadcast(c->s, &posting.posted),
                               .held_post = posting.posted.held_post_id,
                               .publish_at = posting.posted.publish_at});
}

enum rc postmortem_preview(struct call *c)
{
    const struct new_postmortem *in = c->body;
    struct preview preview = {.c = c, .test = &in->test};
    struct posting posting = {.c = c, .preview = &preview};
    return preview_post(&preview, post, &posting);
}
