/* Refusals: a field that the rule does not read, and what nobody can mean. */
#include <string.h>

#include "billing/engine/number/calendar.h"
#include "billing/engine/policy/policy.h"
#include "core/json.h"

/* Fields that only some models read. */
static const struct {
    const char *field;
    unsigned models; /* bits of enum model */
} readers[] = {
    {"multiplier", 1U << MODEL_PRORATA},
    {"tiers", 1U << MODEL_TIERED},
    {"steps", 1U << MODEL_STEPS},
    {"unit", 1U << MODEL_STEPS},
    {"unit_seconds", 1U << MODEL_STEPS},
    {"partial", 1U << MODEL_STEPS},
    {"days", 1U << MODEL_DAYS},
    {"per", 1U << MODEL_DAYS | 1U << MODEL_STEPS},
    {"amounts", 1U << MODEL_FIXED},
    {"audience", 1U << MODEL_DAYS | 1U << MODEL_FIXED},
    {"beyond", 1U << MODEL_PRORATA | 1U << MODEL_STEPS},
    {"at_least", 1U << MODEL_PRORATA | 1U << MODEL_TIERED | 1U << MODEL_STEPS},
};

static const char *const model_names[] = {
    [MODEL_DAYS] = "days", "prorata", "tiered", "fixed", "steps"};

/* What a stored document says of them where nobody has said anything. */
static const struct {
    const char *field, *value;
} defaults[] = {
    {"multiplier", "\"1\""},
    {"tiers", "[]"},
    {"per", "\"run\""},
    {"amounts", "{}"},
    {"audience", "\"affected\""},
};
enum { DEFAULTS = sizeof defaults / sizeof defaults[0] };

/* Whether the document is one that was stored, or made of one: it has every such field. */
static bool is_complete(const json_t *json)
{
    size_t n = 0;
    while (n < DEFAULTS && json_object_get(json, defaults[n].field))
        n++;
    return n == DEFAULTS;
}

static bool is_default(const char *field, const json_t *value)
{
    for (size_t i = 0; i < DEFAULTS; i++) {
        if (strcmp(defaults[i].field, field) != 0)
            continue;
        json_t *usual = json_loads(defaults[i].value, JSON_DECODE_ANY, NULL);
        bool same = json_equal(usual, value);
        json_decref(usual);
        return same;
    }
    return false;
}

static enum rc lint_readers(struct scope *s, const json_t *json, const struct rule *rule)
{
    bool complete = is_complete(json);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        const json_t *value = json_object_get(json, readers[i].field);
        if (value && !(readers[i].models >> rule->model & 1U) &&
            !(complete && is_default(readers[i].field, value)))
            return fail_field(s, RC_INVALID, readers[i].field, "is not read by model %s",
                model_names[rule->model]);
    }
    return RC_OK;
}

static enum rc lint_weights(struct scope *s, const struct rule *rule)
{
    const int64_t *w = rule->weights;
    if (!rule->requests_us && !w[LEVEL_DEGRADED] && !w[LEVEL_PARTIAL] && !w[LEVEL_MAJOR])
        return fail_field(
            s, RC_INVALID, "weights_bp", "no level has a weight: nothing is ever owed");
    if (w[LEVEL_PARTIAL] > w[LEVEL_MAJOR])
        return fail_field(
            s, RC_INVALID, "weights_bp.partial_outage", "weighs more than major_outage");
    if (w[LEVEL_DEGRADED] > w[LEVEL_PARTIAL])
        return fail_field(
            s, RC_INVALID, "weights_bp.degraded_performance", "weighs more than partial_outage");
    return RC_OK;
}

/* Named, and not by the other or with less. */
static bool is_more(mpq_srcptr a, mpq_srcptr b)
{
    return a && (!b || mpq_cmp(a, b) > 0);
}

static bool pays_more_amounts(const struct amounts *a, const struct amounts *b)
{
    for (size_t i = 0; i < a->n; i++) {
        const int64_t *other = amounts_of(b, a->at[i].currency);
        if (!other || *other < a->at[i].minor)
            return true;
    }
    return false;
}

/* Whether something that a pays is not matched by b. */
static bool pays_more(const struct remedy *a, const struct remedy *b)
{
    return (a->sum && !b->sum) || is_more(a->percent, b->percent) || is_more(a->days, b->days) ||
           is_more(a->hours, b->hours) || pays_more_amounts(&a->amounts, &b->amounts);
}

/* Whether tier a needs a worse window than b. */
static bool is_worse(const struct tier *a, const struct tier *b)
{
    if (a->uptime_below && b->uptime_below)
        return mpq_cmp(a->uptime_below, b->uptime_below) < 0;
    return a->down_from && b->down_from && mpq_cmp(a->down_from, b->down_from) > 0;
}

static enum rc lint_tiers(struct scope *s, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_tiers; i++) {
        if (rule->requests_us && rule->tiers[i].down_from)
            return fail_field(s, RC_INVALID, scope_printf(s, "tiers[%zu].down_from_seconds", i),
                "requests know no seconds: use uptime_below");
        for (size_t j = 0; j < rule->n_tiers; j++) {
            if (is_worse(&rule->tiers[i], &rule->tiers[j]) &&
                !pays_more(&rule->tiers[i].pays, &rule->tiers[j].pays) &&
                pays_more(&rule->tiers[j].pays, &rule->tiers[i].pays))
                return fail_field(s, RC_INVALID, scope_printf(s, "tiers[%zu]", i),
                    "worse uptime pays less than tiers[%zu]", j);
        }
    }
    return RC_OK;
}

static enum rc lint_caps(struct scope *s, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_caps; i++) {
        const struct cap *cap = &rule->caps[i];
        const char *field = rule->caps_given ? scope_printf(s, "caps[%zu]", i) : "cap_percent";
        if (cap->percent && mpq_sgn(cap->percent) == 0)
            return fail_field(s, RC_INVALID, field, "a cap of 0 pays nothing");
        if (cap->per == PER_INCIDENT && rule->model != MODEL_PRORATA && rule->model != MODEL_STEPS)
            return fail_field(s, RC_INVALID, field, "a cap per incident is of prorata and steps");
        if (cap->per == PER_INCIDENT && rule->beyond)
            return fail_field(s, RC_INVALID, "beyond", "has no meaning with a cap per incident");
    }
    return RC_OK;
}

static enum rc lint_beyond(struct scope *s, const struct rule *rule)
{
    if (!rule->beyond)
        return RC_OK;
    if (!rule->below)
        return fail_field(s, RC_INVALID, "beyond", "needs below, which says what is allowed");
    if (rule->model == MODEL_STEPS && !rule->unit_us)
        return fail_field(s, RC_INVALID, "beyond", "has no meaning with unit local_date");
    if (rule->per == PER_INCIDENT)
        return fail_field(s, RC_INVALID, "beyond", "has no meaning with per incident");
    return RC_OK;
}

/* Parts of which something else says that they are not used. */
static enum rc lint_unread(struct scope *s, const struct rule *rule)
{
    if (rule->requests_us && rule->grace.given)
        return fail_field(s, RC_INVALID, "grace", "is not read if measure.source is requests");
    if (rule->requests_us && rule->count != COUNT_EXACT)
        return fail_field(s, RC_INVALID, "measure.count", "is not read if source is requests");
    if (rule->grace.n_holidays && !rule->grace.working_days)
        return fail_field(s, RC_INVALID, "grace.calendar", "is only for working_days");
    if (!rule->claim && rule->claim_days != DAY_NEVER)
        return fail_field(
            s, RC_INVALID, "claim.required", "must be true: within_days is not read otherwise");
    return RC_OK;
}

enum rc rule_lint(struct scope *s, const json_t *json, const struct rule *rule)
{
    TRY(lint_readers(s, json, rule));
    TRY(lint_weights(s, rule));
    TRY(lint_tiers(s, rule));
    TRY(lint_caps(s, rule));
    TRY(lint_beyond(s, rule));
    TRY(lint_unread(s, rule));
    if (rule->requests_us && rule->model != MODEL_TIERED)
        return fail_field(s, RC_INVALID, "measure.source", "requests are for model tiered");
    if (rule->model == MODEL_DAYS && rule->per == PER_AFFECTED_DAY && rule->audience_all)
        return fail_field(s, RC_INVALID, "audience",
            "all has no meaning with per affected_day: an account that was not hit has no day");
    if (rule->remedy_days && rule->base_lines)
        return fail_field(s, RC_INVALID, "remedy", "days extend the account's term, not a line's");
    return RC_OK;
}
