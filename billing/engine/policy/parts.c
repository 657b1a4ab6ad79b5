#include "billing/engine/policy/parts.h"

#include <stdlib.h>
#include <string.h>

#include "billing/engine/number/calendar.h"
#include "core/clock.h"
#include "core/money.h"

static const int64_t amount_most = 1000000000000;

enum rc read_number(
    struct scope *s, const char *field, const char *text, int64_t most, mpq_srcptr *ret)
{
    mpq_srcptr number = NULL;
    if (!text)
        return RC_OK;
    if (!rat_parse(s, text, &number))
        return fail_field(s, RC_INVALID, field, "must be a number such as \"99.9\" or \"10/3\"");
    if (mpq_sgn(number) <= 0)
        return fail_field(s, RC_INVALID, field, "must be above 0");
    if (most && mpq_cmp_si(number, most, 1) > 0)
        return fail_field(s, RC_INVALID, field, "must be at most %lld", (long long)most);
    *ret = number;
    return RC_OK;
}

static enum rc read_amount(struct scope *s, const char *field, const char *currency,
    const json_t *json, struct amount *ret)
{
    field = scope_printf(s, "%s.%s", field, currency);
    if (money_exponent(currency) < 0)
        return fail_field(s, RC_INVALID, field, "is not an ISO 4217 currency");
    if (!json_is_integer(json))
        return fail_field(s, RC_INVALID, field, "must be an integer of minor units");
    if (json_integer_value(json) < 1 || json_integer_value(json) > amount_most)
        return fail_field(
            s, RC_INVALID, field, "must be between 1 and %lld", (long long)amount_most);
    *ret = (struct amount){.currency = currency, .minor = json_integer_value(json)};
    return RC_OK;
}

enum rc read_amounts(struct scope *s, const char *field, const json_t *json, struct amounts *ret)
{
    if (!json)
        return RC_OK;
    if (!json_is_object(json))
        return fail_field(s, RC_INVALID, field, "must be an object");
    struct amount *at = SCOPE_ARRAY(s, struct amount, json_object_size(json));
    size_t n = 0;
    const char *currency;
    json_t *value;
    json_object_foreach((json_t *)json, currency, value)
        TRY(read_amount(s, field, currency, value, &at[n++]));
    *ret = (struct amounts){.at = at, .n = n};
    return RC_OK;
}

/* A text or a list of texts. */
static bool read_values(struct scope *s, const json_t *json, struct texts *ret)
{
    size_t n = json_is_array(json) ? json_array_size(json) : 1;
    const char **at = SCOPE_ARRAY(s, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        at[i] = json_string_value(json_is_array(json) ? json_array_get(json, i) : json);
        if (!at[i])
            return false;
    }
    *ret = (struct texts){.at = at, .n = n};
    return true;
}

enum rc read_labels(struct scope *s, const char *field, const json_t *json, struct label_rules *ret)
{
    if (!json)
        return RC_OK;
    if (!json_is_object(json))
        return fail_field(s, RC_INVALID, field, "must be an object");
    struct label_rule *at = SCOPE_ARRAY(s, struct label_rule, json_object_size(json));
    size_t n = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value)
    {
        at[n].key = key;
        if (!read_values(s, value, &at[n++].values))
            return fail_field(s, RC_INVALID, scope_printf(s, "%s.%s", field, key),
                "must be a text or a list of texts");
    }
    *ret = (struct label_rules){.at = at, .n = n};
    return RC_OK;
}

/* What a tier and a step have in common. */
static enum rc read_remedy(
    struct scope *s, const char *at, const struct policy_tier *f, struct remedy *ret)
{
    TRY(read_number(s, scope_printf(s, "%s.percent", at), f->percent, 1000, &ret->percent));
    TRY(read_number(s, scope_printf(s, "%s.days", at), f->days, 366, &ret->days));
    TRY(read_number(s, scope_printf(s, "%s.hours", at), f->hours, 8784, &ret->hours));
    TRY(read_amounts(s, scope_printf(s, "%s.amounts", at), f->amounts, &ret->amounts));
    if (!ret->percent && !ret->days && !ret->hours && !ret->amounts.n)
        return fail_field(s, RC_INVALID, scope_printf(s, "%s.percent", at),
            "percent, days, hours or amounts must be given");
    ret->sum = f->pays && !strcmp(f->pays, "sum");
    return RC_OK;
}

enum rc read_tiers(struct scope *s, const struct list *tiers, struct rule *rule)
{
    const struct policy_tier *f = tiers->at;
    struct tier *at = SCOPE_ARRAY(s, struct tier, tiers->n);
    for (size_t i = 0; i < tiers->n; i++) {
        const char *where = scope_printf(s, "tiers[%zu]", i);
        const char *below = scope_printf(s, "%s.uptime_below", where);
        if ((f[i].uptime_below != NULL) == (f[i].down_from_seconds != SHAPE_NONE))
            return fail_field(s, RC_INVALID, below, "either it or down_from_seconds must be given");
        TRY(read_number(s, below, f[i].uptime_below, 100, &at[i].uptime_below));
        if (!f[i].uptime_below)
            at[i].down_from = rat(s, f[i].down_from_seconds);
        TRY(read_remedy(s, where, &f[i], &at[i].pays));
    }
    rule->tiers = at;
    rule->n_tiers = tiers->n;
    return RC_OK;
}

static int by_from_unit(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    return (x->from_unit > y->from_unit) - (x->from_unit < y->from_unit);
}

enum rc read_steps(struct scope *s, const struct list *steps, struct rule *rule)
{
    const struct policy_step *f = steps->at;
    struct step *at = SCOPE_ARRAY(s, struct step, steps->n);
    for (size_t i = 0; i < steps->n; i++) {
        const struct policy_tier remedy = {.percent = f[i].percent,
            .days = f[i].days,
            .hours = f[i].hours,
            .amounts = f[i].amounts,
            .pays = f[i].pays};
        at[i].from_unit = f[i].from_unit;
        TRY(read_remedy(s, scope_printf(s, "steps[%zu]", i), &remedy, &at[i].pays));
    }
    if (steps->n)
        qsort(at, steps->n, sizeof *at, by_from_unit);
    for (size_t i = 1; i < steps->n; i++) {
        if (at[i].from_unit == at[i - 1].from_unit)
            return fail_field(
                s, RC_INVALID, "steps", "two begin with unit %lld", (long long)at[i].from_unit);
    }
    rule->steps = at;
    rule->n_steps = steps->n;
    return RC_OK;
}

static enum rc read_cap(
    struct scope *s, const char *at, const struct cap_fields *f, struct cap *ret)
{
    TRY(read_number(s, scope_printf(s, "%s.percent", at), f->percent, 0, &ret->percent));
    TRY(read_number(s, scope_printf(s, "%s.days", at), f->days, 0, &ret->days));
    TRY(read_amounts(s, scope_printf(s, "%s.amounts", at), f->amounts, &ret->amounts));
    if ((f->percent != NULL) + (f->days != NULL) + (ret->amounts.n > 0) != 1)
        return fail_field(s, RC_INVALID, scope_printf(s, "%s.percent", at),
            "exactly one of percent, days and amounts must be given");
    ret->per = !strcmp(f->per, "incident") ? PER_INCIDENT
               : !strcmp(f->per, "year")   ? PER_YEAR
                                           : PER_WINDOW;
    ret->of = !strcmp(f->of, "year")               ? OF_YEAR
              : !strcmp(f->of, "previous_30_days") ? OF_PREVIOUS_30_DAYS
                                                   : OF_WINDOW;
    return RC_OK;
}

/* cap_percent is one cap, and may be 0 as ever: only lint refuses that. */
static enum rc read_cap_percent(struct scope *s, const char *text, struct rule *rule)
{
    struct cap *cap = SCOPE_NEW(s, struct cap);
    *cap = (struct cap){.per = PER_WINDOW, .of = OF_WINDOW};
    if (!rat_parse(s, text ? text : "100", &cap->percent))
        return fail_field(s, RC_INVALID, "cap_percent", "must be a number such as \"12.5\"");
    if (mpq_cmp_si(cap->percent, 1000, 1) > 0)
        return fail_field(s, RC_INVALID, "cap_percent", "must be at most 1000");
    rule->caps = cap;
    rule->n_caps = 1;
    return RC_OK;
}

enum rc read_caps(struct scope *s, const struct policy *f, struct rule *rule)
{
    rule->caps_given = f->caps.at != NULL;
    if (rule->caps_given && f->cap_percent)
        return fail_field(s, RC_INVALID, "caps", "cap_percent is one of them: give either");
    if (!rule->caps_given)
        return read_cap_percent(s, f->cap_percent, rule);
    const struct cap_fields *caps = f->caps.at;
    struct cap *at = SCOPE_ARRAY(s, struct cap, f->caps.n);
    for (size_t i = 0; i < f->caps.n; i++)
        TRY(read_cap(s, scope_printf(s, "caps[%zu]", i), &caps[i], &at[i]));
    rule->caps = at;
    rule->n_caps = f->caps.n;
    return RC_OK;
}

static enum rc read_weekend(struct scope *s, const json_t *json, unsigned *ret)
{
    unsigned weekend = 0;
    size_t i;
    json_t *day;
    if (json && !json_is_array(json))
        return fail_field(s, RC_INVALID, "grace.calendar.weekend", "must be a list");
    json_array_foreach((json_t *)json, i, day)
    {
        json_int_t n = json_integer_value(day);
        if (n < 1 || n > 7)
            return fail_field(s, RC_INVALID, "grace.calendar.weekend", "must be numbers 1 to 7");
        weekend |= 1U << n;
    }
    if (weekend == 0xFE)
        return fail_field(s, RC_INVALID, "grace.calendar.weekend", "leaves no working day");
    *ret = json ? weekend : 1U << 6 | 1U << 7;
    return RC_OK;
}

enum rc read_grace(struct scope *s, const struct grace_fields *f, struct grace *ret)
{
    if (!f)
        return RC_OK;
    struct grace grace = {.given = true, .from_report = !strcmp(f->from, "report")};
    if ((f->seconds != SHAPE_NONE) == (f->working_days != SHAPE_NONE))
        return fail_field(
            s, RC_INVALID, "grace.seconds", "either it or working_days must be given");
    grace.us = f->seconds != SHAPE_NONE ? f->seconds * CLOCK_SECOND : 0;
    grace.working_days = f->working_days != SHAPE_NONE ? f->working_days : 0;
    TRY(read_weekend(s, f->calendar ? f->calendar->weekend : NULL, &grace.weekend));
    size_t n = f->calendar ? f->calendar->holidays.n : 0;
    int64_t *days = SCOPE_ARRAY(s, int64_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!day_parse(f->calendar->holidays.at[i], &days[i]))
            return fail_field(s, RC_INVALID, scope_printf(s, "grace.calendar.holidays[%zu]", i),
                "must be a date");
    }
    grace.holidays = days;
    grace.n_holidays = n;
    *ret = grace;
    return RC_OK;
}
