#include <string.h>

#include "billing/engine/number/calendar.h"
#include "billing/engine/policy/parts.h"
#include "billing/engine/evidence/read.h"
#include "billing/engine/evidence/read_member.h"

static enum rc read_shares(struct scope *s, const json_t *json, struct audience *ret)
{
    const json_t *list;
    TRY(member_list(s, json, "scope", "accounts", &list, &ret->n_accounts));
    struct share *at = SCOPE_ARRAY(s, struct share, ret->n_accounts + 1);
    for (size_t i = 0; i < ret->n_accounts; i++) {
        const json_t *one = json_array_get(list, i);
        TRY(member_text(s, one, "scope.accounts", "account", &at[i].name));
        TRY(member_int(s, one, "scope.accounts", "share_bp", 0, 10000, -1, &at[i].bp));
    }
    ret->accounts = at;
    return RC_OK;
}

static enum rc read_audience(struct scope *s, const json_t *owner, const struct audience **ret)
{
    const json_t *json = json_object_get(owner, "scope");
    if (!member_is_given(owner, "scope"))
        return RC_OK;
    struct audience *audience = SCOPE_NEW(s, struct audience);
    TRY(read_labels(s, "scope.labels", json_object_get(json, "labels"), &audience->labels));
    TRY(read_shares(s, json, audience));
    if (member_is_given(json, "list"))
        TRY(member_text(s, json, "scope", "list", &audience->list));
    TRY(member_int(s, json, "scope", "share_bp", 0, 10000, -1, &audience->share_bp));
    *ret = audience;
    return RC_OK;
}

static enum rc read_level(struct scope *s, const json_t *json, int *ret)
{
    static const char *const names[] = {[LEVEL_DEGRADED] = "degraded_performance",
        [LEVEL_PARTIAL] = "partial_outage",
        [LEVEL_MAJOR] = "major_outage",
        [LEVEL_MAINTENANCE] = "under_maintenance"};
    const char *level;
    TRY(member_text(s, json, "impact", "level", &level));
    for (int i = 0; i <= LEVEL_MAINTENANCE; i++) {
        if (!strcmp(names[i], level)) {
            *ret = i;
            return RC_OK;
        }
    }
    return fail_field(s, RC_INVALID, "impact.level", "is unknown");
}

static enum rc read_impact(struct scope *s, const json_t *json, int64_t until, struct impact *ret)
{
    TRY(member_text(s, json, "impact", "component", &ret->component));
    TRY(read_level(s, json, &ret->level));
    TRY(member_time(s, json, "impact", "from", &ret->from));
    ret->to = until;
    if (member_is_given(json, "to"))
        TRY(member_time(s, json, "impact", "to", &ret->to));
    TRY(member_int(s, json, "impact", "weight_bp", 0, 10000, -1, &ret->weight_bp));
    return read_audience(s, json, &ret->audience);
}

static enum rc read_reports(struct scope *s, const json_t *json, struct incident *ret)
{
    json_t *reports = json_object_get(json, "reports"), *value;
    const char *account;
    struct report *at = SCOPE_ARRAY(s, struct report, json_object_size(reports) + 1);
    json_object_foreach(reports, account, value)
    {
        at[ret->n_reports].account = account;
        TRY(member_time(s, reports, "reports", account, &at[ret->n_reports++].at));
    }
    ret->reports = at;
    return RC_OK;
}

/* A maintenance without announced_at was announced when it started. */
static enum rc read_announced(struct scope *s, const json_t *json, struct incident *ret)
{
    ret->announced_at = INT64_MAX;
    for (size_t i = 0; i < ret->n_impacts; i++) {
        if (ret->impacts[i].from < ret->announced_at)
            ret->announced_at = ret->impacts[i].from;
    }
    if (member_is_given(json, "started_at"))
        TRY(member_time(s, json, "incident", "started_at", &ret->announced_at));
    if (member_is_given(json, "announced_at"))
        TRY(member_time(s, json, "incident", "announced_at", &ret->announced_at));
    return RC_OK;
}

enum rc read_incident(struct scope *s, const json_t *json, int64_t until, struct incident *ret)
{
    struct incident incident = {.reported_at = SHAPE_NONE};
    const json_t *list;
    TRY(member_text(s, json, "incident", "ref", &incident.ref));
    TRY(member_list(s, json, "incident", "impacts", &list, &incident.n_impacts));
    struct impact *at = SCOPE_ARRAY(s, struct impact, incident.n_impacts + 1);
    for (size_t i = 0; i < incident.n_impacts; i++)
        TRY(read_impact(s, json_array_get(list, i), until, &at[i]));
    incident.impacts = at;
    if (member_is_given(json, "reported_at"))
        TRY(member_time(s, json, "incident", "reported_at", &incident.reported_at));
    TRY(read_reports(s, json, &incident));
    TRY(read_announced(s, json, &incident));
    *ret = incident;
    return RC_OK;
}

static enum rc read_claim(struct scope *s, const json_t *json, struct claim *ret)
{
    TRY(member_text(s, json, "claim", "account", &ret->account));
    TRY(member_time(s, json, "claim", "at", &ret->at));
    return member_texts(s, json, "claim", "incidents", &ret->incidents);
}

static enum rc read_claims(struct scope *s, const json_t *json, struct evidence *ret)
{
    size_t n = json_array_size(json);
    struct claim *at = SCOPE_ARRAY(s, struct claim, n + 1);
    for (size_t i = 0; i < n; i++)
        TRY(read_claim(s, json_array_get(json, i), &at[i]));
    ret->claims = at;
    ret->n_claims = n;
    return RC_OK;
}

static enum rc read_measurement(struct scope *s, const json_t *json, struct measurement *ret)
{
    TRY(member_text(s, json, "measurement", "component", &ret->component));
    TRY(member_time(s, json, "measurement", "from", &ret->from));
    TRY(member_time(s, json, "measurement", "to", &ret->to));
    TRY(member_int(s, json, "measurement", "total", 0, INT64_C(1) << 40, 0, &ret->total));
    TRY(member_int(s, json, "measurement", "good", 0, ret->total, 0, &ret->good));
    return read_audience(s, json, &ret->audience);
}

static enum rc read_measurements(struct scope *s, const json_t *json, struct evidence *ret)
{
    size_t n = json_array_size(json);
    struct measurement *at = SCOPE_ARRAY(s, struct measurement, n + 1);
    for (size_t i = 0; i < n; i++)
        TRY(read_measurement(s, json_array_get(json, i), &at[i]));
    ret->measurements = at;
    ret->n_measurements = n;
    return RC_OK;
}

static enum rc read_incidents(
    struct scope *s, const json_t *list, int64_t until, struct incidents *ret)
{
    size_t n = json_array_size(list);
    struct incident *all = SCOPE_ARRAY(s, struct incident, n + 1);
    const struct incident **at = SCOPE_ARRAY(s, const struct incident *, n + 1);
    for (size_t i = 0; i < n; i++) {
        TRY(read_incident(s, json_array_get(list, i), until, &all[i]));
        at[i] = &all[i];
    }
    *ret = (struct incidents){.at = at, .n = n};
    return RC_OK;
}

static enum rc read_earlier(
    struct scope *s, const json_t *list, int64_t until, struct evidence *ret)
{
    size_t n = json_array_size(list);
    struct earlier_run *at = SCOPE_ARRAY(s, struct earlier_run, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        TRY(member_int(s, one, "earlier", "id", 0, INT64_MAX, 0, &at[i].id));
        TRY(read_incidents(s, json_object_get(one, "incidents"), until, &at[i].incidents));
    }
    ret->earlier = at;
    ret->n_earlier = n;
    return RC_OK;
}

enum rc read_evidence(struct scope *s, const json_t *json, int64_t until, struct evidence *ret)
{
    struct evidence e = {.reconciles = json_is_true(json_object_get(json, "reconciles"))};
    TRY(read_incidents(s, json_object_get(json, "incidents"), until, &e.own));
    TRY(read_incidents(s, json_object_get(json, "maintenance"), until, &e.maintenance));
    TRY(read_earlier(s, json_object_get(json, "earlier"), until, &e));
    TRY(read_claims(s, json_object_get(json, "claims"), &e));
    TRY(read_measurements(s, json_object_get(json, "measurements"), &e));
    *ret = e;
    return RC_OK;
}

static enum rc read_line(struct scope *s, const json_t *json, struct held_line *ret)
{
    struct texts days;
    TRY(member_int(s, json, "held", "run", 0, INT64_MAX, 0, &ret->run));
    TRY(member_day(s, json, "held", "from", &ret->from));
    TRY(member_day(s, json, "held", "to", &ret->to));
    TRY(member_time(s, json, "held", "start", &ret->start));
    TRY(member_int(s, json, "held", "amount_minor", 0, INT64_MAX, 0, &ret->minor));
    TRY(member_text(s, json, "held", "currency", &ret->currency));
    TRY(member_texts(s, json, "held", "days", &days));
    ret->same = json_is_true(json_object_get(json, "same"));
    ret->family = json_is_true(json_object_get(json, "family"));
    ret->before = !json_is_false(json_object_get(json, "before"));
    ret->reach = INT64_MIN;
    if (member_is_given(json, "reach"))
        TRY(member_time(s, json, "held", "reach", &ret->reach));
    int64_t *at = SCOPE_ARRAY(s, int64_t, days.n + 1);
    for (size_t i = 0; i < days.n; i++) {
        if (!day_parse(days.at[i], &at[i]))
            return fail_field(s, RC_INVALID, "held.days", "must be dates");
    }
    ret->days = at;
    ret->n_days = days.n;
    return RC_OK;
}

enum rc read_held(struct scope *s, const json_t *json, struct held_lines *ret)
{
    size_t n = json_array_size(json);
    struct held_line *at = SCOPE_ARRAY(s, struct held_line, n + 1);
    for (size_t i = 0; i < n; i++)
        TRY(read_line(s, json_array_get(json, i), &at[i]));
    *ret = (struct held_lines){.at = at, .n = n};
    return RC_OK;
}
