/* GET PUT /v1/incidents/{ref}/impacts: the impact windows that determine credits; a correction is a
 * complete new revision. */
#include <inttypes.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/lookup.h"
#include "api/incidents/incident.h"
#include "api/incidents/incidents.h"
#include "api/incidents/post_submit.h"
#include "core/clock.h"
#include "core/json.h"

const char *const impact_levels[] = {
    "degraded_performance", "partial_outage", "major_outage", "under_maintenance", NULL};

SHAPE_STATIC(struct impact_share, impact_share_shape, "ImpactShare",
    FIELD(TEXT, account, .required = true, .min = 1, .max = 200, .doc = "Id in your system."),
    FIELD(INT, share_bp, .min = 0, .max = 10000, .doc = "Basis points; default: the scope's."));

struct impact_scope {
    const json_t *labels;
    struct list accounts;
    const char *list;
    int64_t share_bp;
};
const struct shape impact_scope_shape = SHAPE("ImpactScope", struct impact_scope,
    FIELD(JSON, labels, .form = FORM_OBJECT,
        .doc = "Labels that an account must have, each with its value or a list of values."),
    FIELD(LIST, accounts, .of = &impact_share_shape, .max = 10000, .doc = "Accounts by name."),
    FIELD(TEXT, list, .max = 100, .doc = "And those of an account list."),
    FIELD(INT, share_bp, .max = 10000,
        .doc = "How much of the weight counts, in basis points; default 10000."));

SHAPE_EXTERN(struct impact, impact_shape, "Impact",
    FIELD(TEXT, component, .required = true, .min = 1, .max = 64, .doc = "Slug."),
    FIELD(TEXT, level, .required = true, .one_of = impact_levels, .doc = "Impact level."),
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .doc = "End, exclusive; absent or null: still open."),
    FIELD(BOOL, estimated, .doc = "Whether the window is an estimate."),
    FIELD(BOOL, measured, .doc = "Whether its times are those of an alert."),
    FIELD(INT, weight_bp, .min = 0, .max = 10000,
        .doc = "Weight in basis points, in place of the level's."),
    FIELD(RAW, scope, .form = FORM_OBJECT, .of = &impact_scope_shape,
        .doc = "Whom the impact concerns; absent: everybody."));

SHAPE_STATIC(struct measured_window, measured_window_shape, "MeasuredWindow",
    FIELD(TEXT, component, .required = true, .doc = "Slug."),
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .doc = "End, exclusive; absent: not over."));

struct impacts {
    struct list impacts, measured;
    int64_t reported_at;
    const char *reports;
    int64_t revision;
    const char *reason;
    int64_t hold_seconds;
    int64_t held_post, publish_at;
};
const struct shape new_impacts_shape = SHAPE("ImpactsReplace", struct impacts,
    FIELD(LIST, impacts, .required = true, .of = &impact_shape, .max = 1000,
        .doc = "The complete set, which replaces the current one."),
    FIELD(TIME, reported_at, .doc = "When customers reported the outage; absent: as it was."),
    FIELD(RAW, reports, .form = FORM_OBJECT,
        .doc = "Instants by account, of those that reported it on their own."),
    FIELD(INT, revision, .min = 0,
        .doc = "The revision that this one replaces (0: none): 409 if there is another by now."),
    POST_HOLD_FIELD);
const struct shape impacts_shape = SHAPE("Impacts", struct impacts,
    FIELD(LIST, impacts, .required = true, .of = &impact_shape, .doc = "The complete set."),
    FIELD(LIST, measured, .required = true, .of = &measured_window_shape,
        .doc = "Windows as monitoring measured them, whatever the impacts say."),
    FIELD(TIME, reported_at, .doc = "When customers reported the outage."),
    FIELD(RAW, reports, .form = FORM_OBJECT, .doc = "Instants by account."),
    FIELD(INT, revision, .doc = "Number of this revision."),
    FIELD(TEXT, reason, .doc = "post, correction, retraction or measured (by alerts)."),
    POST_HELD_FIELDS);

SHAPE_STATIC(struct incident_revision, incident_revision_shape, "IncidentRevision", FIELD(INT, id),
    FIELD(TEXT, title), FIELD(INT, revision), FIELD(TEXT, reason), FIELD(INT, held_post),
    FIELD(TIME, publish_at), FIELD(TIME, reported_at), FIELD(RAW, reports));

STMT(account_list_exists, "SELECT EXISTS (SELECT FROM account_list WHERE name = $1)",
    .row = &row_bool);
STMT(impact_incident,
    "SELECT i.id, i.title, r.id AS revision, r.reason, h.id AS held_post, h.publish_at,"
    "  r.reported_at, nullif(r.reports, '{}') AS reports"
    "  FROM incident i LEFT JOIN impact_revision r ON r.id = i.impact_revision_id"
    "  LEFT JOIN held_post_incident x ON x.incident_id = i.id"
    "  LEFT JOIN held_post h ON h.id = x.held_post_id WHERE i.ref = $1",
    .row = &incident_revision_shape);
STMT(impact_all,
    "SELECT c.slug AS component, m.level::text AS level, m.from_at AS from, m.to_at AS to,"
    "       m.estimated, m.measured, m.weight_bp, m.scope"
    "  FROM amends.current_impact m JOIN component c ON c.id = m.component_id"
    " WHERE m.incident_id = $1 ORDER BY m.from_at, m.id",
    .row = &impact_shape);
STMT(impact_measured,
    "SELECT c.slug AS component, m.from_at AS from, m.to_at AS to"
    "  FROM amends.incident_measured($1) m JOIN component c ON c.id = m.component_id"
    " ORDER BY m.from_at, c.slug",
    .row = &measured_window_shape);

STMT(impact_lock, "SELECT amends.incidents_lock(ARRAY[$1::bigint])");

static enum rc reply_impacts(struct call *c)
{
    struct incident_revision head;
    TRY(IF_NONE(db_one(c->s, c->db, &impact_incident, PARAMS(P_TEXT(c->param[0])), &head),
        fail(c->s, RC_NOT_FOUND, "no incident \"%.100s\"", c->param[0])));
    struct impacts reply = {.revision = head.revision,
        .reason = head.reason,
        .held_post = head.held_post,
        .publish_at = head.publish_at,
        .reported_at = head.reported_at,
        .reports = head.reports};
    TRY(db_all(c->s, c->db, &impact_all, PARAMS(P_INT(head.id)), &reply.impacts));
    TRY(db_all(c->s, c->db, &impact_measured, PARAMS(P_INT(head.id)), &reply.measured));
    return reply_object(c, &reply);
}

enum rc impact_get(struct call *c)
{
    return reply_impacts(c);
}

static enum rc check_times(struct scope *s, const struct list *impacts)
{
    const struct impact *at = impacts->at;
    enum rc rc = RC_OK;
    fail_gather(s, true);
    for (size_t i = 0; i < impacts->n; i++)
        if (at[i].to != SHAPE_NONE && at[i].to <= at[i].from)
            rc = fail_field(
                s, RC_INVALID, scope_printf(s, "impacts[%zu].to", i), "must be later than from");
    fail_gather(s, false);
    return rc;
}

static bool is_texts(const json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)list, i, one)
    {
        if (!json_is_string(one))
            return false;
    }
    return json_array_size(list) > 0;
}

enum rc impact_labels_check(struct scope *s, const char *field, const json_t *labels)
{
    const char *key;
    json_t *want;
    if (labels && !json_is_object(labels))
        return fail_field(s, RC_INVALID, field, "must be an object");
    json_object_foreach((json_t *)labels, key, want)
    {
        if (!json_is_string(want) && !is_texts(want))
            return fail_field(s, RC_INVALID, scope_printf(s, "%s.%.100s", field, key),
                "must be a text or a list of texts");
    }
    return RC_OK;
}

enum rc impact_scope_check(struct scope *s, const char *field, const char *text, json_t **ret_scope)
{
    json_t *scope = NULL;
    struct impact_scope read;
    if (!text)
        return RC_OK;
    TRY(json_parse(s, text, strlen(text), &scope));
    if (shape_read(s, &impact_scope_shape, scope, &read) != RC_OK)
        return fail_field(s, RC_INVALID,
            scope_printf(s, "%s.%s", field, s->fault.field ? s->fault.field : ""), "%s",
            s->fault.message);
    TRY(impact_labels_check(s, scope_printf(s, "%s.labels", field), read.labels));
    if (ret_scope)
        *ret_scope = scope;
    return RC_OK;
}

enum rc impact_scope_find(struct scope *s, struct db *db, const char *field, const json_t *scope)
{
    const char *list = json_get_text(scope, "list");
    bool exists = true;
    if (list)
        TRY(db_one(s, db, &account_list_exists, PARAMS(P_TEXT(list)), &exists));
    return exists ? RC_OK
                  : fail_field(s, RC_INVALID, scope_printf(s, "%s.list", field),
                        "no account list \"%.100s\"", list);
}

static enum rc put_scope(
    struct scope *s, struct db *db, json_t *one, const struct impact *impact, size_t i)
{
    json_t *scope;
    if (impact->weight_bp != SHAPE_NONE)
        json_object_set_new(one, "weight_bp", json_integer(impact->weight_bp));
    if (!impact->scope)
        return RC_OK;
    const char *field = scope_printf(s, "impacts[%zu].scope", i);
    TRY(impact_scope_check(s, field, impact->scope, &scope));
    TRY(impact_scope_find(s, db, field, scope));
    json_object_set(one, "scope", scope);
    return RC_OK;
}

/* {account: instant} of the body, checked. */
static enum rc put_reports(struct scope *s, json_t *document, const struct impacts *in)
{
    json_t *reports = NULL, *at, *one = json_object();
    const char *account;
    int64_t us;
    json_object_set_new(document, "reports", one);
    post_put_time(s, one, "reported_at", in->reported_at);
    if (!in->reports)
        return RC_OK;
    TRY(json_parse(s, in->reports, strlen(in->reports), &reports));
    if (!json_is_object(reports))
        return fail_field(s, RC_INVALID, "reports", "must be an object of instants");
    json_object_foreach(reports, account, at)
    {
        if (!json_is_string(at) || !clock_parse(json_string_value(at), &us))
            return fail_field(
                s, RC_INVALID, scope_printf(s, "reports.%.100s", account), "must be an instant");
    }
    json_object_set(one, "reports", reports);
    return RC_OK;
}

/* A component may have several windows, so look up each one. */
static enum rc add_one(
    struct scope *s, struct db *db, json_t *list, const struct impact *impact, size_t i)
{
    int64_t *id;
    TRY(lookup_components(s, db, &(struct texts){.at = &impact->component, .n = 1},
        scope_printf(s, "impacts[%zu].component", i), &id));
    json_t *one = json_pack("{s:I, s:s, s:s, s:b, s:b}", "id", (json_int_t)*id, "component",
        impact->component, "level", impact->level, "estimated", impact->estimated, "measured",
        impact->measured);
    post_put_time(s, one, "from", impact->from);
    post_put_time(s, one, "to", impact->to);
    json_array_append_new(list, one);
    return put_scope(s, db, one, impact, i);
}

/* The lock keeps the revision until the end of the transaction. */
static enum rc check_revision(struct scope *s, struct db *db, const char *ref, int64_t wanted)
{
    struct incident_revision head;
    if (wanted == SHAPE_NONE)
        return RC_OK;
    TRY(db_one(s, db, &impact_incident, PARAMS(P_TEXT(ref)), &head));
    TRY(db_do(s, db, &impact_lock, PARAMS(P_INT(head.id)), NULL));
    TRY(db_one(s, db, &impact_incident, PARAMS(P_TEXT(ref)), &head));
    int64_t revision = head.revision == SHAPE_NONE ? 0 : head.revision;
    return revision == wanted ? RC_OK
                              : fail(s, RC_CONFLICT,
                                    "the impacts were corrected meanwhile: they are at revision "
                                    "%" PRId64,
                                    revision);
}

static enum rc replace(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct impacts *in = c->body;
    struct incident_revision head, now;
    struct posted posted;
    json_t *document = json_own(s, json_object()), *list = json_array();
    json_object_set_new(document, "impacts", list);
    TRY(IF_NONE(db_one(s, db, &impact_incident, PARAMS(P_TEXT(c->param[0])), &head),
        incident_missing(s, db, c->param[0])));
    TRY(check_revision(s, db, c->param[0], in->revision));
    for (size_t i = 0; i < in->impacts.n; i++)
        TRY(add_one(s, db, list, (const struct impact *)in->impacts.at + i, i));
    TRY(put_reports(s, document, in));
    struct post_order order = {.action = "impacts",
        .incidents = &head.id,
        .n = 1,
        .ref = c->param[0],
        .title = head.title,
        .document = document,
        .update_id = SHAPE_NONE,
        .hold_seconds = in->hold_seconds,
        .actor = c->key->id};
    TRY(post_submit(s, db, &order, &posted));
    TRY(db_one(s, db, &impact_incident, PARAMS(P_TEXT(c->param[0])), &now));
    const char *detail = post_audit(s, &posted);
    return audit_add(s, db, call_actor(c), "impacts.correct", c->param[0],
        detail ? detail : scope_printf(s, "{\"revision\":%lld}", (long long)now.revision));
}

enum rc impact_replace(struct call *c)
{
    const struct impacts *in = c->body;
    TRY(check_times(c->s, &in->impacts));
    TRY(db_txn(c->s, c->db, replace, c));
    return reply_impacts(c);
}

SHAPE_STATIC(struct warned, warned_shape, "EvidenceWarningDetail",
    FIELD(TEXT, incident, .required = true, .doc = "ref."),
    FIELD(INT, seconds, .doc = "Between impact and post."),
    FIELD(TIME, until, .doc = "Until when an open impact counts."),
    FIELD(TEXT, component, .doc = "Component whose stated and measured windows differ."),
    FIELD(TEXT, stated, .doc = "Its windows as stated, in UTC; absent: none."),
    FIELD(TEXT, measured, .doc = "Its windows as measured, in UTC."),
    FIELD(INT, unstated_seconds, .doc = "Measured, but not stated."),
    FIELD(INT, unmeasured_seconds, .doc = "Stated, but not measured."));
SHAPE_EXTERN(struct evidence_warning, credit_evidence_warning_shape, "EvidenceWarning",
    FIELD(TEXT, code, .required = true, .doc = "impact_before_post, open_impact, ..."),
    FIELD(TEXT, text, .required = true, .doc = "Text in English."),
    FIELD(RAW, detail, .required = true, .form = FORM_OBJECT, .of = &warned_shape,
        .doc = "The values in the text."));

STMT(impact_warnings,
    "SELECT w.code, w.text, w.detail FROM incident i, amends.credit_evidence_warnings(array[i.id],"
    "   array[i.impact_revision_id], now()) w WHERE i.id = $1",
    .row = &credit_evidence_warning_shape);

enum rc incident_warning_list(struct call *c)
{
    struct incident_revision head;
    struct list rows;
    TRY(IF_NONE(db_one(c->s, c->db, &impact_incident, PARAMS(P_TEXT(c->param[0])), &head),
        fail(c->s, RC_NOT_FOUND, "no incident \"%.100s\"", c->param[0])));
    TRY(db_all(c->s, c->db, &impact_warnings, PARAMS(P_INT(head.id)), &rows));
    return reply_list(c, rows, NULL);
}
