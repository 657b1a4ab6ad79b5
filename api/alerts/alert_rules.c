/* GET POST /v1/alert-rules, GET PUT DELETE .../{id}: which component an alert concerns, and how. */
#include <string.h>

#include "api/alerts/alert_match.h"
#include "api/alerts/alerts.h"
#include "api/call/audit_log.h"
#include "api/call/dry_run.h"
#include "api/call/list_page.h"
#include "api/call/lookup.h"
#include "api/incidents/incident.h"
#include "api/incidents/incidents.h"
#include "core/json.h"

#define RULE_FIELDS \
    FIELD(TEXT, name, .required = true, .min = 1, .max = 100, .doc = "Unique."), \
        FIELD(INT, position, .min = 1, .max = 100000, .def = "1", \
            .doc = "The first rule that matches an alert takes it; all judge measured requests."), \
        FIELD(TEXT, source, .max = 64, .doc = "Name of the source; absent: every source."), \
        FIELD(TEXT, component, .max = 64, .doc = "Slug of the component."), \
        FIELD(TEXT, component_label, .max = 200, .doc = "Or the label that has its slug."), \
        FIELD(TEXT, level, .required = true, .one_of = impact_levels, \
            .doc = "Level of the impact."), \
        FIELD(RAW, scope, .form = FORM_OBJECT, .of = &impact_scope_shape, \
            .doc = "Whom the impact concerns; absent: everybody."), \
        FIELD(TEXTS, scope_labels, .max = 20, \
            .doc = "Of group_by: the alerts' own values of these labels limit the scope, too."), \
        FIELD(TEXT, audience, .one_of = incident_audiences, \
            .doc = "Audience of its incidents; default: affected with a scope, else public."), \
        FIELD(TEXT, affected_body, .multiline = true, .min = 1, .max = POST_BODY_MAX, \
            .doc = "With both: text for the affected."), \
        FIELD(TEXT, severity, .max = 40, .doc = "Your own word, for staff."), \
        FIELD(TEXT, template, .max = 100, .doc = "Name of the template of the post."), \
        FIELD(TEXTS, group_by, .max = 20, \
            .doc = "Labels whose values alerts of one cause share: one incident."), \
        FIELD(INT, delay_seconds, .min = 0, .max = 86400, .def = "0", \
            .doc = \
                "Seconds that the source waits before it fires: windows begin so much earlier."), \
        FIELD(INT, for_seconds, .min = 0, .max = 86400, .def = "0", \
            .doc = "Shorter alerts are ignored."), \
        FIELD(INT, keep_firing_seconds, .min = 0, .max = 86400, .def = "0", \
            .doc = "Shorter pauses are no end."), \
        FIELD(INT, publish_after_minutes, .min = 0, .max = 10080, \
            .doc = "Publish by itself if it still fires then; absent: never."), \
        FIELD(INT, error_bp, .min = 1, .max = 10000, \
            .doc = "For measured requests instead of alerts: the least part of its requests, in " \
                   "basis points, that must fail for a minute to be bad."), \
        FIELD(INT, bad_minutes, .min = 1, .max = 1440, \
            .doc = \
                "Number of bad minutes that are an outage, which begins with the first and ends " \
                "with the last."), \
        FIELD(INT, of_minutes, .min = 1, .max = 1440, \
            .doc = "Number of minutes in a row that contain them; default: bad_minutes."), \
        FIELD(INT, least_requests, .min = 1, .max = INT64_C(1) << 40, \
            .doc = "A minute with fewer requests is not bad; default: 1.")

SHAPE_EXTERN(struct new_alert_rule, new_alert_rule_shape, "AlertRuleCreate", RULE_FIELDS,
    FIELD(LIST, match, .of = &alert_matcher_shape, .max = 50,
        .doc = "All must hold; none: every alert."));
SHAPE_EXTERN(struct alert_rule, alert_rule_shape, "AlertRule",
    FIELD(INT, id, .required = true, .doc = "Id of the rule."), RULE_FIELDS,
    FIELD(RAW, match, .required = true, .form = FORM_LIST, .of = &alert_matcher_shape,
        .doc = "All must hold."));

#define RULE_SELECT \
    "SELECT r.id, r.name, r.position, s.name AS source, c.slug AS component, r.component_label," \
    "   r.level::text AS level, r.scope::text AS scope, r.scope_labels, r.audience," \
    "   r.affected_body, r.severity, t.name AS template, r.group_by, r.delay_seconds," \
    "   r.for_seconds, r.keep_firing_seconds, r.publish_after_minutes, r.match::text AS match," \
    "   r.error_bp, r.bad_minutes, r.of_minutes, r.least_requests" \
    "  FROM alert_rule r LEFT JOIN alert_source s ON s.id = r.source_id" \
    "   LEFT JOIN component c ON c.id = r.component_id" \
    "   LEFT JOIN incident_template t ON t.id = r.template_id WHERE r.archived_at IS NULL "

STMT(alert_rule_page, RULE_SELECT "AND r.id > $1::bigint ORDER BY r.id LIMIT $2",
    .row = &alert_rule_shape);
STMT(alert_rule_one, RULE_SELECT "AND r.id = $1", .row = &alert_rule_shape);
STMT(alert_rule_make,
    "INSERT INTO alert_rule (name, level, component_id, component_label, created_by, error_bp,"
    "   bad_minutes, of_minutes, least_requests) VALUES ($1, $2::impact_level, $3, $4, $5, $6, $7,"
    "   $8, $9)"
    " ON CONFLICT (name) WHERE archived_at IS NULL DO NOTHING RETURNING id",
    .row = &row_int);
STMT(alert_rule_set,
    "UPDATE alert_rule SET name = $2, position = $3, source_id = $4, match = $5::jsonb,"
    "   component_id = $6, component_label = $7, level = $8::impact_level, scope = $9::jsonb,"
    "   severity = $10, template_id = $11, group_by = coalesce($12::text[], '{}'),"
    "   for_seconds = $13, keep_firing_seconds = $14, publish_after_minutes = $15,"
    "   audience = coalesce($16, CASE WHEN $9::jsonb IS NULL AND coalesce($17::text[], '{}') = '{}'"
    "     THEN 'public' ELSE 'affected' END), scope_labels = coalesce($17, '{}'),"
    "   delay_seconds = $18, affected_body = $19, error_bp = $20, bad_minutes = $21,"
    "   of_minutes = $22, least_requests = $23 WHERE id = $1 AND archived_at IS NULL");
STMT(alert_rule_anew, "SELECT amends.rule_rejudge($1)");
STMT(alert_rule_series, "SELECT amends.series_regroup(NULL)");
STMT(alert_rule_end, "SELECT amends.alert_rule_end($1)", .row = &row_text);
STMT(alert_rule_source, "SELECT id FROM alert_source WHERE name = $1 AND archived_at IS NULL",
    .row = &row_int);
STMT(alert_rule_template, "SELECT id FROM incident_template WHERE name = $1 AND kind = 'incident'",
    .row = &row_int);

enum rc alert_rule_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    int64_t after;
    struct list rows;
    TRY(page_open(c, "alert-rules", &after));
    TRY(db_all(
        c->s, c->db, &alert_rule_page, PARAMS(P_INT(after), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "alert-rules", rows, offsetof(struct alert_rule, id));
}

struct rule_work {
    const struct call *c;
    int64_t id; /* 0: a new one */
    int64_t source, component, template, of_minutes, least_requests;
    const char *match;
    struct alert_rule saved;
};

static enum rc find_id(struct scope *s, struct db *db, const struct stmt *stmt, const char *field,
    const char *name, int64_t *ret)
{
    *ret = SHAPE_NONE;
    if (!name)
        return RC_OK;
    return IF_NONE(db_one(s, db, stmt, PARAMS(P_TEXT(name)), ret),
        fail_field(s, RC_INVALID, field, "\"%.100s\" does not exist", name));
}

static bool lists(const struct texts *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(list->at[i], text))
            return true;
    return false;
}

/* Requests name their component; an alert says it by a label, or the rule does. */
static enum rc check_kind(struct scope *s, const struct new_alert_rule *in, struct rule_work *work)
{
    bool measured = in->error_bp != SHAPE_NONE;
    work->of_minutes = in->of_minutes == SHAPE_NONE ? in->bad_minutes : in->of_minutes;
    work->least_requests = in->least_requests == SHAPE_NONE && measured ? 1 : in->least_requests;
    if (!measured) {
        if (in->bad_minutes != SHAPE_NONE || work->of_minutes != SHAPE_NONE ||
            work->least_requests != SHAPE_NONE)
            return fail_field(s, RC_INVALID, "error_bp", "is required for measured requests");
        return !in->component == !in->component_label
                   ? fail_field(s, RC_INVALID, "component",
                         "must be given, or else component_label, not both")
                   : RC_OK;
    }
    if (in->component || in->component_label)
        return fail_field(s, RC_INVALID, in->component ? "component" : "component_label",
            "requests name their component: match the label \"component\"");
    if (in->source)
        return fail_field(s, RC_INVALID, "source", "measured requests have none");
    if (in->bad_minutes == SHAPE_NONE)
        return fail_field(s, RC_INVALID, "bad_minutes", "is required with error_bp");
    return work->of_minutes < in->bad_minutes
               ? fail_field(s, RC_INVALID, "of_minutes", "must be at least bad_minutes")
               : RC_OK;
}

static enum rc check(struct scope *s, struct db *db, struct rule_work *work)
{
    const struct new_alert_rule *in = work->c->body;
    int64_t *component;
    json_t *scope = NULL;
    TRY(check_kind(s, in, work));
    TRY(alert_match_check(s, db, "match", &in->match, &work->match));
    TRY(impact_scope_check(s, "scope", in->scope, &scope));
    TRY(impact_scope_find(s, db, "scope", scope));
    TRY(affected_body_check(s, in->audience ? in->audience : "", in->affected_body, NULL));
    for (size_t i = 0; i < in->scope_labels.n; i++)
        if (!lists(&in->group_by, in->scope_labels.at[i]))
            return fail_field(s, RC_INVALID, scope_printf(s, "scope_labels[%zu]", i),
                "\"%.40s\" must be in group_by, too", in->scope_labels.at[i]);
    TRY(find_id(s, db, &alert_rule_source, "source", in->source, &work->source));
    TRY(find_id(s, db, &alert_rule_template, "template", in->template, &work->template));
    work->component = SHAPE_NONE;
    if (in->component) {
        TRY(lookup_components(
            s, db, &(struct texts){.at = &in->component, .n = 1}, "component", &component));
        work->component = *component;
    }
    return RC_OK;
}

static enum rc taken(struct scope *s, const char *name)
{
    return fail_field(s, RC_CONFLICT, "name", "rule \"%s\" exists already", name);
}

static enum rc set(struct scope *s, struct db *db, const struct rule_work *work)
{
    const struct new_alert_rule *in = work->c->body;
    int64_t n;
    enum rc rc = db_do(s, db, &alert_rule_set,
        PARAMS(P_INT(work->id), P_TEXT(in->name), P_INT(in->position), P_INT(work->source),
            P_TEXT(work->match), P_INT(work->component), P_TEXT(in->component_label),
            P_TEXT(in->level), P_TEXT(in->scope), P_TEXT(in->severity), P_INT(work->template),
            P_TEXTS(s, &in->group_by), P_INT(in->for_seconds), P_INT(in->keep_firing_seconds),
            P_INT(in->publish_after_minutes), P_TEXT(in->audience), P_TEXTS(s, &in->scope_labels),
            P_INT(in->delay_seconds), P_TEXT(in->affected_body), P_INT(in->error_bp),
            P_INT(in->bad_minutes), P_INT(work->of_minutes), P_INT(work->least_requests)),
        &n);
    if (rc == RC_CONFLICT)
        return taken(s, in->name);
    TRY(rc);
    return n ? RC_OK : fail(s, RC_NOT_FOUND, "no alert rule %lld", (long long)work->id);
}

static enum rc find_rule(struct scope *s, struct db *db, int64_t id, struct alert_rule *ret)
{
    return IF_NONE(db_one(s, db, &alert_rule_one, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no alert rule %lld", (long long)id));
}

static enum rc save(struct scope *s, struct db *db, void *arg)
{
    struct rule_work *work = arg;
    const struct call *c = work->c;
    const struct new_alert_rule *in = c->body;
    bool makes = c->route->verb == POST;
    TRY(check(s, db, work));
    if (makes)
        TRY(IF_NONE(
            db_one(s, db, &alert_rule_make,
                PARAMS(P_TEXT(in->name), P_TEXT(in->level), P_INT(work->component),
                    P_TEXT(in->component_label), P_INT(c->key->id), P_INT(in->error_bp),
                    P_INT(in->bad_minutes), P_INT(work->of_minutes), P_INT(work->least_requests)),
                &work->id),
            taken(s, in->name)));
    TRY(set(s, db, work));
    TRY(db_do(s, db, &alert_rule_series, NO_PARAMS, NULL));
    TRY(db_do(s, db, &alert_rule_anew, PARAMS(P_INT(work->id)), NULL));
    TRY(find_rule(s, db, work->id, &work->saved));
    return audit_add(
        s, db, call_actor(c), makes ? "alert_rule.create" : "alert_rule.change", in->name, NULL);
}

enum rc alert_rule_get(struct call *c)
{
    struct alert_rule row;
    int64_t id;
    TRY(call_id(c, 0, &id));
    TRY(find_rule(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

static enum rc write_rule(struct call *c, int64_t id)
{
    struct rule_work work = {.c = c, .id = id};
    TRY(dry_run_or_write(c, save, &work));
    return reply_object(c, &work.saved);
}

enum rc alert_rule_create(struct call *c)
{
    return write_rule(c, 0);
}

enum rc alert_rule_replace(struct call *c)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    return write_rule(c, id);
}

static enum rc end(struct scope *s, struct db *db, void *arg)
{
    const struct rule_work *work = arg;
    const char *name;
    TRY(db_one(s, db, &alert_rule_end, PARAMS(P_INT(work->id)), &name));
    if (!name)
        return fail(s, RC_NOT_FOUND, "no alert rule %lld", (long long)work->id);
    return audit_add(s, db, call_actor(work->c), "alert_rule.delete", name, NULL);
}

enum rc alert_rule_delete(struct call *c)
{
    struct rule_work work = {.c = c};
    TRY(call_id(c, 0, &work.id));
    TRY(db_txn(c->s, c->db, end, &work));
    return reply_nothing(c);
}
