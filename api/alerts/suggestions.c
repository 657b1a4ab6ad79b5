/* /v1/suggestions: incidents that alerts suggest. Nothing of them is public until staff publish
 * them. */
#include <string.h>

#include "api/alerts/alerts.h"
#include "api/call/audit_log.h"
#include "api/call/list_page.h"
#include "api/incidents/incident.h"
#include "api/incidents/incidents.h"
#include "core/json.h"

static const char *const states[] = {"pending", "published", "merged", "dismissed", NULL};

SHAPE_STATIC(struct suggested_window, window_shape, "SuggestedWindow",
    FIELD(TEXT, component, .required = true, .doc = "Slug."),
    FIELD(TEXT, level, .required = true, .doc = "Level of the impact."),
    FIELD(TIME, from, .required = true, .doc = "Start, as the alert says."),
    FIELD(TIME, to, .doc = "End; absent: it still fires."),
    FIELD(JSON, scope, .form = FORM_OBJECT, .of = &impact_scope_shape,
        .doc = "Whom it concerns; absent: everybody."));
SHAPE_STATIC(struct suggested_alert, suggested_alert_shape, "SuggestedAlert",
    FIELD(TEXT, source, .required = true, .doc = "Name of the source."),
    FIELD(TEXT, title, .required = true, .doc = "Title of the alert."),
    FIELD(TEXT, text, .required = true, .min = -1, .doc = "Its text."),
    FIELD(JSON, labels, .form = FORM_OBJECT, .doc = "Its labels."));
SHAPE_STATIC(struct suggested_post, suggested_post_shape, "SuggestedPost",
    FIELD(TEXT, title, .required = true, .doc = "Title of the incident."),
    FIELD(TEXT, state, .required = true, .doc = "State of the first update."),
    FIELD(TEXT, body, .required = true, .doc = "Text of the first update, Markdown."),
    FIELD(TEXT, audience, .required = true, .one_of = incident_audiences,
        .doc = "Who hears of it: everybody, accounts in the scope, or both with two texts."),
    FIELD(TEXT, affected_body, .doc = "With both: what the affected read."),
    FIELD(INT, next_update_minutes, .doc = "Minutes to the promised next update."),
    FIELD(JSON, translations, .form = FORM_MAP, .of = &post_texts_shape,
        .doc = "Title and body in other languages."));

SHAPE_EXTERN(struct suggestion, suggestion_shape, "Suggestion",
    FIELD(INT, id, .required = true, .doc = "Id of the suggestion."),
    FIELD(TEXT, state, .required = true, .one_of = states,
        .doc = "pending; then published, merged or dismissed."),
    FIELD(TEXT, title, .required = true, .doc = "Title that it would have."),
    FIELD(TEXT, rule, .required = true, .doc = "Rule that made it."),
    FIELD(TEXT, severity, .doc = "Severity of the rule."),
    FIELD(INT, error_bp,
        .doc = "Of measured requests: the part of them, in basis points, that makes a minute bad."),
    FIELD(BOOL, firing, .doc = "Whether an alert still fires."),
    FIELD(BOOL, resolvable,
        .doc = "Whether its alerts are over and its incident is open: resolve it."),
    FIELD(TIME, started_at, .required = true, .doc = "Start of the first alert."),
    FIELD(TIME, ended_at, .doc = "End of the last alert."),
    FIELD(RAW, windows, .required = true, .form = FORM_LIST, .of = &window_shape,
        .doc = "Impact windows, as measured."),
    FIELD(INT, accounts, .doc = "Accounts that the windows concern; absent: all."),
    FIELD(RAW, alerts, .required = true, .form = FORM_LIST, .of = &suggested_alert_shape,
        .doc = "Its alerts."),
    FIELD(RAW, post, .required = true, .form = FORM_OBJECT, .of = &suggested_post_shape,
        .doc = "The post that publishing makes."),
    FIELD(TIME, publish_at, .doc = "When it is published by itself."),
    FIELD(TEXT, incident, .doc = "Ref of its incident."),
    FIELD(TIME, created_at, .required = true, .doc = "Time at which it was made."),
    FIELD(TIME, decided_at, .doc = "Time of the decision."),
    FIELD(RAW, decided_by, .form = FORM_OBJECT, .of = &actor_shape, .doc = "Who decided."));

struct suggestion_filter {
    struct list_page page;
    const char *state, *incident;
    bool resolvable;
};
const struct shape suggestion_filter_shape = SHAPE("SuggestionFilter", struct suggestion_filter,
    PAGE_FIELDS("50", 200), FIELD(TEXT, state, .one_of = states, .doc = "Filter by state."),
    FIELD(TEXT, incident, .max = 100, .doc = "Only those of this incident, by ref."),
    FIELD(BOOL, resolvable, .doc = "Only those whose incident can be resolved."));

SHAPE_EXTERN(struct suggestion_publish, suggestion_publish_shape, "SuggestionPublish",
    FIELD(TEXT, title, .min = 1, .max = 250, .doc = "In place of the suggested one."),
    FIELD(TEXT, body, .multiline = true, .min = 1, .max = POST_BODY_MAX,
        .doc = "Markdown, in place of the suggested text."),
    FIELD(TEXT, audience, .one_of = incident_audiences, .doc = "In place of the suggested one."),
    AFFECTED_BODY_CHANGE_FIELD,
    TRANSLATIONS_FIELD(post_texts_shape, "title and body, in place of all suggested ones,"),
    FIELD(TIME, posted_at, .doc = "Time of the post; default: now. A past time imports history."),
    FIELD(INT, next_update_minutes, .min = 1, .max = 525600,
        .doc = "Promised time of the next update, in place of the suggested one."),
    FIELD(BOOL, notify, .def = "true", .doc = "Notify subscribers."));
SHAPE_EXTERN(struct suggestion_resolve, suggestion_resolve_shape, "SuggestionResolve",
    FIELD(TEXT, body, .multiline = true, .min = 1, .max = POST_BODY_MAX,
        .doc = "Markdown, in place of the suggested text."),
    FIELD(BOOL, notify, .def = "true", .doc = "Notify subscribers."));
SHAPE_EXTERN(struct suggestion_merge, suggestion_merge_shape, "SuggestionMerge",
    FIELD(
        TEXT, incident, .required = true, .min = 1, .max = 100, .doc = "Ref of an open incident."));

#define SUGGESTION_SELECT \
    "SELECT s.id, s.state, s.title, r.name AS rule, r.severity, s.error_bp, s.ended_at IS NULL " \
    "AS firing," \
    "   s.over_at IS NOT NULL AND i.state IN ('investigating', 'identified', 'monitoring')" \
    "     AS resolvable, s.started_at, s.ended_at," \
    "   (SELECT jsonb_agg(jsonb_strip_nulls(w - 'id')) FROM jsonb_array_elements(s.windows) w)" \
    "     AS windows, amends.windows_accounts(s.windows) AS accounts," \
    "   (SELECT coalesce(jsonb_agg(jsonb_build_object('source', o.name, 'title', a.title, 'text'," \
    "       a.body, 'labels', a.labels) ORDER BY a.id), '[]') FROM alert a" \
    "     JOIN alert_source o ON o.id = a.source_id WHERE a.group_id = s.group_id AND EXISTS (" \
    "       SELECT FROM alert_event e WHERE e.alert_id = a.id AND e.at BETWEEN s.started_at AND" \
    "         coalesce(s.ended_at, 'infinity'))) AS alerts," \
    "   amends.suggestion_post(s) AS post, s.publish_at, i.ref AS incident, s.created_at," \
    "   s.decided_at, amends.key_who(s.decided_by) AS decided_by FROM suggestion s" \
    "   JOIN alert_group g ON g.id = s.group_id JOIN alert_rule r ON r.id = g.rule_id" \
    "   LEFT JOIN incident i ON i.id = s.incident_id "

STMT(suggestion_page,
    SUGGESTION_SELECT "WHERE ($1::bigint = 0 OR s.id < $1) AND ($3::text IS NULL OR s.state = $3)"
                      "   AND (NOT $4::bool OR s.over_at IS NOT NULL AND i.state IN"
                      "     ('investigating', 'identified', 'monitoring'))"
                      "   AND ($5::text IS NULL OR i.ref = $5)"
                      " ORDER BY s.id DESC LIMIT $2",
    .row = &suggestion_shape);
STMT(suggestion_one, SUGGESTION_SELECT "WHERE s.id = $1", .row = &suggestion_shape);
STMT(suggestion_publish_one, "SELECT amends.suggestion_publish($1, $2::jsonb, $3)",
    .row = &row_text);
STMT(suggestion_decide_one, "SELECT amends.suggestion_decide($1, $2, $3)", .row = &row_bool);
STMT(suggestion_open,
    "SELECT id FROM incident WHERE ref = $1 AND kind = 'incident' AND state IN"
    " ('investigating', 'identified', 'monitoring')",
    .row = &row_int);
STMT(suggestion_resolve_one, "SELECT amends.suggestion_resolve($1, $2, $3)", .row = &row_text);

enum rc suggestion_list(struct call *c)
{
    const struct suggestion_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "suggestions", &before));
    TRY(db_all(c->s, c->db, &suggestion_page,
        PARAMS(P_INT(before), P_INT(filter->page.limit), P_TEXT(filter->state),
            P_BOOL(filter->resolvable), P_TEXT(filter->incident)),
        &rows));
    return reply_page(c, "suggestions", rows, offsetof(struct suggestion, id));
}

static enum rc find(struct scope *s, struct db *db, int64_t id, struct suggestion *ret)
{
    return IF_NONE(db_one(s, db, &suggestion_one, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no suggestion %lld", (long long)id));
}

static enum rc reply_suggestion(struct call *c, int64_t id)
{
    struct suggestion row;
    TRY(find(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

enum rc suggestion_get(struct call *c)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    return reply_suggestion(c, id);
}

struct deciding {
    const struct call *c;
    int64_t id;
    const char *incident; /* of a merge; NULL: dismiss */
};

static enum rc refuse_decided(struct scope *s, struct db *db, int64_t id)
{
    struct suggestion row;
    TRY(find(s, db, id, &row));
    return fail(s, RC_CONFLICT, "suggestion %lld is %s already", (long long)id, row.state);
}

static enum rc record(struct scope *s, struct db *db, const struct deciding *deciding,
    const char *action, const char *ref)
{
    json_t *detail = json_own(s, json_pack("{s:I}", "suggestion", (json_int_t)deciding->id));
    return audit_add(s, db, call_actor(deciding->c), action,
        ref ? ref : scope_printf(s, "suggestion:%lld", (long long)deciding->id),
        json_text(s, detail));
}

/* Texts for the affected, where the suggested audience or the chosen one reads them. */
static enum rc check_text(
    struct scope *s, struct db *db, int64_t id, const struct suggestion_publish *in)
{
    struct suggestion row;
    json_t *post = NULL;
    const char *audience = in->audience;
    TRY(translations_check(s, &post_texts_shape, in->translations, NULL));
    if (!audience && (in->affected_body || in->translations)) {
        TRY(find(s, db, id, &row));
        TRY(json_parse(s, row.post, strlen(row.post), &post));
        audience = json_get_word(post, "audience");
    }
    return affected_body_check(s, audience ? audience : "", in->affected_body, in->translations);
}

static enum rc publish(struct scope *s, struct db *db, void *arg)
{
    const struct deciding *deciding = arg;
    const struct suggestion_publish *in = deciding->c->body;
    const char *ref;
    TRY(check_text(s, db, deciding->id, in));
    json_t *post =
        json_own(s, json_pack("{s:s*, s:s*, s:s*, s:s*, s:O*, s:b}", "title", in->title, "body",
                        in->body, "audience", in->audience, "affected_body", in->affected_body,
                        "translations", in->translations, "notify", in->notify));
    post_put_time(s, post, "posted_at", in->posted_at);
    if (in->next_update_minutes != SHAPE_NONE)
        json_object_set_new(post, "next_update_minutes", json_integer(in->next_update_minutes));
    TRY(db_one(s, db, &suggestion_publish_one,
        PARAMS(P_INT(deciding->id), P_TEXT(json_text(s, post)), P_INT(deciding->c->key->id)),
        &ref));
    if (!ref)
        return refuse_decided(s, db, deciding->id);
    return record(s, db, deciding, "suggestion.publish", ref);
}

static enum rc decide(struct scope *s, struct db *db, void *arg)
{
    const struct deciding *deciding = arg;
    const char *ref = deciding->incident;
    int64_t incident = SHAPE_NONE;
    bool done;
    if (ref)
        TRY(IF_NONE(db_one(s, db, &suggestion_open, PARAMS(P_TEXT(ref)), &incident),
            fail_field(s, RC_INVALID, "incident", "\"%s\" is not an open incident", ref)));
    TRY(db_one(s, db, &suggestion_decide_one,
        PARAMS(P_INT(deciding->id), P_INT(incident), P_INT(deciding->c->key->id)), &done));
    if (!done)
        return refuse_decided(s, db, deciding->id);
    return record(s, db, deciding, ref ? "suggestion.merge" : "suggestion.dismiss", ref);
}

static enum rc resolve(struct scope *s, struct db *db, void *arg)
{
    const struct deciding *deciding = arg;
    const struct suggestion_resolve *in = deciding->c->body;
    const char *ref;
    json_t *post = json_own(s, json_pack("{s:s*, s:b}", "body", in->body, "notify", in->notify));
    TRY(db_one(s, db, &suggestion_resolve_one,
        PARAMS(P_INT(deciding->id), P_TEXT(json_text(s, post)), P_INT(deciding->c->key->id)),
        &ref));
    if (!ref)
        return fail(s, RC_CONFLICT, "suggestion %lld has no open incident whose alerts are over",
            (long long)deciding->id);
    return record(s, db, deciding, "suggestion.resolve", ref);
}

static enum rc run(struct call *c, db_txn_fn *fn, const char *incident)
{
    struct deciding deciding = {.c = c, .incident = incident};
    struct suggestion row;
    TRY(call_id(c, 0, &deciding.id));
    TRY(find(c->s, c->db, deciding.id, &row));
    TRY(db_txn(c->s, c->db, fn, &deciding));
    return reply_suggestion(c, deciding.id);
}

enum rc suggestion_publish(struct call *c)
{
    int64_t at;
    TRY(update_time(c->s, ((const struct suggestion_publish *)c->body)->posted_at, &at));
    return run(c, publish, NULL);
}

enum rc suggestion_merge(struct call *c)
{
    return run(c, decide, ((const struct suggestion_merge *)c->body)->incident);
}

enum rc suggestion_dismiss(struct call *c)
{
    return run(c, decide, NULL);
}

enum rc suggestion_resolve(struct call *c)
{
    return run(c, resolve, NULL);
}
