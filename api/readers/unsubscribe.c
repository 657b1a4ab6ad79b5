/* /u/{token}: unsubscribe, or mute one incident or component, with undo for 7 days. */
#include <string.h>

#include "api/call/form.h"
#include "api/http/language.h"
#include "api/readers/link.h"
#include "api/call/page.h"
#include "api/call/session.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "core/json.h"
#include "templates/translation.h"

SHAPE_STATIC(struct topic, topic_shape, "UnsubscribeTopic", FIELD(TEXT, kind), FIELD(TEXT, slug),
    FIELD(TEXT, name), FIELD(TEXT, translations));

SHAPE_STATIC(struct standing, standing_shape, "UnsubscribeStanding", FIELD(BOOL, undoable),
    FIELD(BOOL, muted));

/* The incidents recently sent to them, and their components. */
STMT(leave_topics,
    "WITH reported AS (SELECT DISTINCT i.id, i.ref, i.title, i.translations FROM broadcast b"
    "    JOIN incident i ON i.id = b.incident_id"
    "    JOIN delivery d ON d.broadcast_id = b.id AND d.recipient_id = $1"
    "   WHERE b.kind = 'update' AND b.created_at > now() - interval '14 days'"
    "   ORDER BY i.id DESC LIMIT 5)"
    " SELECT 'incident' AS kind, ref AS slug, title AS name, translations FROM reported"
    " UNION ALL (SELECT DISTINCT 'component', c.slug, c.name, c.translations FROM reported"
    "   JOIN amends.current_impact m ON m.incident_id = reported.id JOIN component c ON c.id = "
    "m.component_id"
    "   LIMIT 20) ORDER BY 1 DESC, 3",
    .row = &topic_shape);
STMT(leave_mute,
    "INSERT INTO mute (subscriber_id, kind, target_id)"
    " SELECT $1::bigint, $2::text, t.id FROM (SELECT 'incident' AS kind, id, ref AS slug"
    "    FROM incident UNION ALL SELECT 'component', id, slug FROM component) t"
    "  WHERE t.kind = $2::text AND t.slug = $3"
    " ON CONFLICT (subscriber_id, kind, target_id) DO UPDATE SET at = now()");
STMT(leave_standing,
    "SELECT s.state = 'unsubscribed' AND s.state_reason IN ('one-click', 'page')"
    "     AND s.changed_at > now() - interval '7 days' AS undoable,"
    "   EXISTS (SELECT FROM mute m WHERE m.subscriber_id = s.id"
    "     AND m.at > now() - interval '7 days') AS muted"
    "  FROM subscriber s WHERE s.id = $1",
    .row = &standing_shape);
STMT(leave_undo,
    "WITH unmuted AS (DELETE FROM mute WHERE subscriber_id = $1"
    "    AND at > now() - interval '7 days'),"
    " back AS (UPDATE subscriber SET state_reason = NULL, changed_at = now(),"
    "     state = CASE WHEN paused_until > now() THEN 'paused' ELSE 'active' END::subscriber_state"
    "   WHERE id = $1 AND state = 'unsubscribed' AND state_reason IN ('one-click', 'page')"
    "     AND changed_at > now() - interval '7 days')"
    " INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " SELECT id, address_hash, 'undone', '" READER_WORDING "', 'page', 'link' FROM subscriber"
    "  WHERE id = $1");

static enum rc put_topics(struct call *c, int64_t id, json_t *context)
{
    struct list rows;
    const char *locale = language_of(c->request, NULL)->tag;
    TRY(db_all(c->s, c->db, &leave_topics, PARAMS(P_INT(id)), &rows));
    json_t *list = json_array();
    for (size_t i = 0; i < rows.n; i++) {
        const struct topic *row = (const struct topic *)rows.at + i;
        json_t *json = json_object();
        json_object_set_new(json, "incident", json_boolean(!strcmp(row->kind, "incident")));
        json_object_set_new(
            json, "choice", json_string(scope_printf(c->s, "%s:%s", row->kind, row->slug)));
        const char *member = !strcmp(row->kind, "incident") ? "title" : "name";
        json_object_set_new(json, "name",
            json_string(translation_of(c->s, row->translations, locale, member, row->name).text));
        json_array_append_new(list, json);
    }
    json_object_set_new(context, "topics", list);
    return RC_OK;
}

static enum rc show(struct call *c, int64_t id, bool muted_now, bool undone)
{
    struct subscriber row;
    struct standing standing = {0};
    TRY(IF_NONE(subscriber_read(c->s, c->db, id, &row), link_none(c)));
    TRY(db_one(c->s, c->db, &leave_standing, PARAMS(P_INT(id)), &standing));
    bool done = !strcmp(row.state, "unsubscribed");
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "address", json_string(link_hint(c->s, &row)));
    json_object_set_new(context, "done", json_boolean(done));
    json_object_set_new(context, "muted", json_boolean(muted_now));
    json_object_set_new(context, "undone", json_boolean(undone));
    json_object_set_new(context, "undoable", json_boolean(standing.undoable || standing.muted));
    json_object_set_new(context, "action", json_string(scope_strdup(c->s, c->request->target)));
    TRY(put_topics(c, id, context));
    return page_reply(c, "unsubscribe", done ? "unsubscribed" : "unsubscribe", context, true);
}

enum rc page_unsubscribe(struct call *c)
{
    int64_t id = 0;
    TRY(link_open(c, SIGN_UNSUBSCRIBE, &id));
    return show(c, id, false, false);
}

static enum rc mute(struct call *c, int64_t id, const char *choice)
{
    const char *colon = strchr(choice, ':');
    const char *kind = scope_strndup(c->s, choice, (size_t)(colon - choice));
    TRY(db_do(c->s, c->db, &leave_mute, PARAMS(P_INT(id), P_TEXT(kind), P_TEXT(colon + 1)), NULL));
    TRY(reader_consent(c->s, c->db, id, "muted", "page"));
    return show(c, id, true, false);
}

/* RFC 8058: any body without a choice unsubscribes from everything, without redirect, cookie or
 * question. */
enum rc page_unsubscribe_post(struct call *c)
{
    int64_t id = 0;
    bool ended;
    struct form form = {0};
    TRY(link_open(c, SIGN_UNSUBSCRIBE, &id));
    const char *choice = form_read(c, &form) == RC_OK ? form_text(&form, "choice", "all") : "all";
    /* A mail program on the web may post the one click; a choice is only made on our page. */
    if (form_get(&form, "choice"))
        TRY(session_check_site(c));
    if (strchr(choice, ':'))
        return mute(c, id, choice);
    if (!strcmp(choice, "undo")) {
        TRY(db_do(c->s, c->db, &leave_undo, PARAMS(P_INT(id)), NULL));
        return show(c, id, false, true);
    }
    const char *source = form_get(&form, "choice") ? "page" : "one-click";
    TRY(subscriber_end(c->s, c->db, id, source, "link", &ended));
    return show(c, id, false, false);
}
