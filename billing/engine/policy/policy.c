#include "billing/engine/policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "billing/engine/number/calendar.h"
#include "billing/engine/policy/parts.h"
#include "billing/engine/policy/shape.h"
#include "core/clock.h"

#define HOUR_US (3600 * CLOCK_SECOND)

static bool is(const char *text, const char *word)
{
    return text && !strcmp(text, word);
}

static enum model model_of(const char *text)
{
    static const char *const names[] = {
        [MODEL_DAYS] = "days", "prorata", "tiered", "fixed", "steps"};
    size_t i = 0;
    while (strcmp(names[i], text) != 0)
        i++;
    return (enum model)i;
}

static enum rc read_window(
    struct scope *s, const struct window_fields *f, zone_find *zones, void *ctx, struct rule *rule)
{
    if (!f)
        return RC_OK;
    rule->unit = is(f->unit, "month")     ? UNIT_MONTH
                 : is(f->unit, "quarter") ? UNIT_QUARTER
                 : is(f->unit, "year")    ? UNIT_YEAR
                                          : UNIT_BILLING;
    if (!f->timezone)
        return RC_OK;
    if (rule->unit == UNIT_BILLING)
        return fail_field(s, RC_INVALID, "window.timezone",
            "has no meaning for billing periods: they are in the account's time zone");
    rule->zone = zones(ctx, f->timezone);
    return rule->zone ? RC_OK
                      : fail_field(s, RC_INVALID, "window.timezone", "is no IANA time zone");
}

static enum rc read_measure(struct scope *s, const struct measure_fields *f, struct rule *rule)
{
    rule->for_amount = rule->for_below = true;
    if (!f)
        return RC_OK;
    bool requests = is(f->source, "requests");
    if (requests && f->interval_seconds == SHAPE_NONE)
        return fail_field(s, RC_INVALID, "measure.interval_seconds", "is required for requests");
    if (!requests && f->interval_seconds != SHAPE_NONE)
        return fail_field(s, RC_INVALID, "measure.interval_seconds", "is only for requests");
    rule->requests_us = requests ? f->interval_seconds * CLOCK_SECOND : 0;
    rule->count = is(f->count, "whole") ? COUNT_WHOLE
                  : is(f->count, "any") ? COUNT_ANY
                                        : COUNT_EXACT;
    if (rule->count != COUNT_EXACT && f->quantum_seconds == SHAPE_NONE)
        return fail_field(s, RC_INVALID, "measure.quantum_seconds", "is required");
    rule->quantum_us = rule->count == COUNT_EXACT ? 1 : f->quantum_seconds * CLOCK_SECOND;
    rule->for_amount = !is(f->what, "below");
    rule->for_below = !is(f->what, "amount");
    return RC_OK;
}

static enum rc read_applies(struct scope *s, const struct applies_fields *f, struct rule *rule)
{
    if (!f)
        return RC_OK;
    rule->plans = f->plans;
    return read_labels(s, "applies.labels", f->labels, &rule->labels);
}

static void read_claim(const struct claim_fields *f, struct rule *rule)
{
    rule->claim = f && f->required;
    rule->claim_window_end = f && is(f->from, "window_end");
    rule->claim_days = f && f->within_days != SHAPE_NONE ? f->within_days : DAY_NEVER;
}

static enum rc read_weights(const struct policy *f, struct rule *rule)
{
    static const struct policy_weights normal = {0, 5000, 10000};
    const struct policy_weights *weights = f->weights_bp ? f->weights_bp : &normal;
    rule->weights[LEVEL_DEGRADED] = weights->degraded_performance;
    rule->weights[LEVEL_PARTIAL] = weights->partial_outage;
    rule->weights[LEVEL_MAJOR] = weights->major_outage;
    rule->exclude_maintenance = f->exclude_maintenance;
    rule->notice_us = f->maintenance_notice_hours * HOUR_US;
    rule->min_block_us = f->min_block_seconds * CLOCK_SECOND;
    return RC_OK;
}

/* What a model counts per: its default, and what else it may. */
static enum rc read_per(struct scope *s, const struct policy *f, struct rule *rule)
{
    bool steps = rule->model == MODEL_STEPS;
    rule->per = is(f->per, "incident")       ? PER_INCIDENT
                : is(f->per, "affected_day") ? PER_AFFECTED_DAY
                : steps                      ? PER_WINDOW
                                             : PER_RUN;
    if (steps && (is(f->per, "run") || is(f->per, "affected_day")))
        return fail_field(s, RC_INVALID, "per", "must be \"window\" or \"incident\" for steps");
    if (!steps && is(f->per, "window"))
        return fail_field(s, RC_INVALID, "per", "\"window\" is only for steps");
    return RC_OK;
}

static enum rc read_model(struct scope *s, const struct policy *f, struct rule *rule)
{
    TRY(read_per(s, f, rule));
    TRY(read_number(s, "multiplier", f->multiplier, 1000000, &rule->multiplier));
    TRY(read_number(s, "days", f->days, 366, &rule->days));
    TRY(read_amounts(s, "amounts", f->amounts, &rule->amounts));
    TRY(read_tiers(s, &f->tiers, rule));
    TRY(read_steps(s, &f->steps, rule));
    if (rule->model == MODEL_DAYS && !rule->days)
        return fail_field(s, RC_INVALID, "days", "is required if model is days");
    if (rule->model == MODEL_FIXED && !rule->amounts.n)
        return fail_field(s, RC_INVALID, "amounts", "is required if model is fixed");
    if (rule->model == MODEL_TIERED && !rule->n_tiers)
        return fail_field(s, RC_INVALID, "tiers", "is required if model is tiered");
    if (rule->model != MODEL_STEPS)
        return RC_OK;
    if (!rule->n_steps)
        return fail_field(s, RC_INVALID, "steps", "is required if model is steps");
    if ((f->unit_seconds != SHAPE_NONE) == (f->unit != NULL))
        return fail_field(s, RC_INVALID, "unit_seconds", "either it or unit must be given");
    rule->unit_us = f->unit ? 0 : f->unit_seconds * CLOCK_SECOND;
    rule->complete = is(f->partial, "complete");
    return RC_OK;
}

static enum rc read_settling(struct scope *s, const struct policy *f, struct rule *rule)
{
    rule->rounding = is(f->rounding, "up")          ? ROUND_UP
                     : is(f->rounding, "half_even") ? ROUND_HALF_EVEN
                                                    : ROUND_HALF_UP;
    rule->min_credit_minor = f->min_credit_minor > 1 ? f->min_credit_minor : 1;
    rule->remedy_days = is(f->remedy, "days");
    rule->draft_days = f->schedule ? f->schedule->days_after : -1;
    TRY(read_amounts(s, "at_least", f->at_least, &rule->at_least));
    TRY(read_amounts(s, "min_credit", f->min_credit, &rule->min_credit));
    return read_caps(s, f, rule);
}

enum rc rule_of(
    struct scope *s, const struct policy *f, zone_find *zones, void *ctx, struct rule *ret)
{
    struct rule rule = {.name = f->name,
        .model = model_of(f->model),
        .components = f->components,
        .audience_all = is(f->audience, "all"),
        .base_lines = is(f->base, "lines"),
        .beyond = f->beyond};
    TRY(read_weights(f, &rule));
    TRY(read_applies(s, f->applies, &rule));
    TRY(read_window(s, f->window, zones, ctx, &rule));
    TRY(read_number(s, "below", f->below, 100, &rule.below));
    TRY(read_measure(s, f->measure, &rule));
    TRY(read_model(s, f, &rule));
    TRY(read_grace(s, f->grace, &rule.grace));
    read_claim(f->claim, &rule);
    TRY(read_settling(s, f, &rule));
    *ret = rule;
    return RC_OK;
}

enum rc rule_read(
    struct scope *s, const json_t *json, zone_find *zones, void *ctx, struct rule *ret)
{
    struct policy f;
    TRY(shape_read(s, &policy_shape, json, &f));
    return rule_of(s, &f, zones, ctx, ret);
}
