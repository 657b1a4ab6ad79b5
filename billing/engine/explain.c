#include "billing/engine/explain.h"

#include "billing/engine/number/calendar.h"
#include "billing/engine/weight/weight.h"
#include "core/clock.h"
#include "core/json.h"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *number(struct scope *s, mpq_srcptr value)
{
    return text(
        mpz_cmp_ui(mpq_denref(value), 1) == 0 ? rat_decimal(s, value, 0) : rat_text(s, value));
}

static json_t *instant(struct scope *s, int64_t us)
{
    return text(clock_rfc3339(s, us));
}

static json_t *window_json(struct scope *s, const struct window *w)
{
    json_t *out =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "from", text(day_text(s, w->from_day)), "to",
            text(day_text(s, w->to_day)), "from_at", instant(s, w->from), "to_at",
            instant(s, w->to), "seconds", number(s, rat_of(s, w->length, CLOCK_SECOND)), "dates",
            (json_int_t)(w->whole_to - w->whole_from));
    if (w->whole_from != w->from_day || w->whole_to != w->to_day)
        json_object_set_new(out, "whole",
            json_pack("{s:o, s:o}", "from", text(day_text(s, w->whole_from)), "to",
                text(day_text(s, w->whole_to))));
    return out;
}

/* Prices above 0 in the window. */
static json_t *prices_json(struct rating *r, const struct part *part)
{
    json_t *out = json_array();
    const struct timeline *timeline = &part->measured.base->timeline;
    const struct window *w = part->measured.window;
    for (size_t i = 0; i < timeline->n; i++) {
        const struct piece *p = &timeline->at[i];
        if (p->from >= w->to || p->to <= w->from)
            continue;
        json_array_append_new(out, json_pack("{s:o, s:o, s:I, s:i, s:o, s:I}", "from",
                                       instant(r->s, p->from > w->from ? p->from : w->from), "to",
                                       instant(r->s, p->to < w->to ? p->to : w->to), "price_minor",
                                       (json_int_t)p->price, "months", p->months, "period_seconds",
                                       number(r->s, rat_of(r->s, p->length, CLOCK_SECOND)),
                                       "period_dates", (json_int_t)p->dates));
    }
    return out;
}

/* Where W(t) > 0, cut where the price changes. */
static json_t *windows_json(struct rating *r, const struct part *part)
{
    struct scope *s = r->s;
    json_t *out = json_array();
    const struct timeline *timeline = &part->measured.base->timeline;
    const struct spans *spans = &part->measured.weight.amount;
    for (size_t i = 0; i < spans->n; i++) {
        struct span left = spans->at[i];
        while (left.from < left.to) {
            const struct piece *piece = timeline_at(timeline, left.from);
            int64_t to = piece && piece->to < left.to ? piece->to : left.to;
            json_t *one = json_pack("{s:o, s:o, s:I, s:I, s:o}", "from", instant(s, left.from),
                "to", instant(s, to), "weight_bp", (json_int_t)(left.weight / 10000), "price_minor",
                (json_int_t)(piece ? piece->price : 0), "seconds",
                number(s, rat_of(s, to - left.from, CLOCK_SECOND)));
            if (left.weight % 10000)
                json_object_set_new(one, "weight", number(s, rat_of(s, left.weight, 10000)));
            if (part->measured.base->product)
                json_object_set_new(one, "product", text(part->measured.base->product));
            json_array_append_new(out, one);
            left.from = to;
        }
    }
    return out;
}

/* The moments that days and fixed pay for. */
static json_t *claims_json(struct rating *r, const struct owed *owed)
{
    json_t *out = json_array();
    for (size_t i = 0; i < r->n_bases; i++) {
        for (size_t j = 0; j < owed->moments[i].n; j++) {
            const struct moment *one = &owed->moments[i].at[j];
            if (one->at < owed->window->from || one->at >= owed->window->to)
                continue;
            json_t *claim = json_pack("{s:o, s:I, s:b}", "at", instant(r->s, one->at),
                "price_minor", (json_int_t)one->piece->price, "affected", one->hit);
            if (one->day != DAY_NEVER)
                json_object_set_new(claim, "day", text(day_text(r->s, one->day)));
            if (one->incident)
                json_object_set_new(claim, "incident", text(one->incident));
            json_array_append_new(out, claim);
        }
    }
    return out;
}

static json_t *part_json(struct rating *r, const struct part *part)
{
    struct scope *s = r->s;
    const struct measured *m = &part->measured;
    json_t *out = json_object();
    if (m->base->product)
        json_object_set_new(out, "product", text(m->base->product));
    json_object_set_new(out, "worth", number(s, window_worth(s, &m->base->timeline, m->window)));
    json_object_set_new(out, "down_seconds", number(s, m->down));
    json_object_set_new(
        out, r->rule->requests_us ? "intervals" : "entitled_seconds", number(s, m->entitled));
    if (m->uptime)
        json_object_set_new(out, "uptime", number(s, m->uptime));
    if (m->first != INT64_MAX)
        json_object_set_new(out, "first", instant(s, m->first));
    json_object_set_new(out, "below", json_boolean(part->open));
    json_object_set_new(out, "owed", number(s, part->amount));
    return out;
}

static void step(json_t *steps, const char *name, json_t *value)
{
    json_array_append_new(steps, json_pack("{s:s, s:o}", "step", name, "value", value));
}

static json_t *steps_json(struct rating *r, const struct settled *done)
{
    struct scope *s = r->s;
    json_t *steps = json_array();
    step(steps, "sum", number(s, done->owed->amount));
    if (r->rule->claim)
        step(steps, "claimed", text(done->owed->claimed ? "yes" : "no"));
    if (done->per_incident)
        step(steps, "caps_per_incident", number(s, done->per_incident));
    step(steps, "exact", number(s, done->exact));
    step(steps, "rounded", number(s, done->rounded));
    step(steps, "earlier", number(s, done->earlier));
    if (done->room.cap) {
        step(steps, "cap", number(s, done->room.cap));
        step(steps, "taken", number(s, done->room.taken));
    }
    step(steps, "amount", number(s, rat(s, done->amount)));
    return steps;
}

/* A whole number of minor units, or its digits where it is beyond int64. */
static void put_minor(
    struct scope *s, json_t *out, const char *name, const char *beyond, mpq_srcptr value)
{
    int64_t minor;
    if (rat_int(value, &minor))
        json_object_set_new(out, name, json_integer(minor));
    else if (beyond)
        json_object_set_new(out, beyond, text(rat_decimal(s, value, 0)));
}

static const char *formula(struct rating *r, const struct settled *done)
{
    const struct part *part = &done->owed->parts[0];
    struct scope *s = r->s;
    mpq_srcptr uptime = part->measured.uptime;
    switch (r->rule->model) {
    case MODEL_PRORATA:
        return scope_printf(s, "%s x the price of the lost time%s",
            json_string_value(json_own(s, number(s, r->rule->multiplier))),
            r->rule->beyond ? " beyond the allowance" : "");
    case MODEL_TIERED:
        return scope_printf(s, "the tier that pays most, at an uptime of %s %%",
            uptime ? rat_decimal(s, uptime, 6) : "?");
    case MODEL_STEPS:
        return "the steps of the downtime's units";
    case MODEL_DAYS:
        return scope_printf(s, "%s day(s) x price / dates of the period",
            json_string_value(json_own(s, number(s, r->rule->days))));
    case MODEL_FIXED:
        break;
    }
    return "a fixed amount, once a run";
}

/* Facts of the window and of the policy. */
static void put_facts(struct rating *r, const struct settled *done, json_t *out)
{
    static const char *const models[] = {
        [MODEL_DAYS] = "days", "prorata", "tiered", "fixed", "steps"};
    static const char *const roundings[] = {"half_up", "half_even", "up"};
    const struct window *w = done->owed->window;
    const struct account *a = r->account;
    bool calendar = w->months > 0;
    int months = calendar ? w->months : w->interval;
    json_object_set_new(out, "policy", text(r->rule->name));
    json_object_set_new(out, "model", text(models[r->rule->model]));
    json_object_set_new(out, "timezone", text(window_zone(r->rule, a)->name));
    json_object_set_new(out, "interval",
        text(months == 1   ? "month"
             : months == 3 ? "quarter"
                           : "year"));
    json_object_set_new(out, "anchor",
        text(day_text(r->s, calendar ? w->from_day : a->terms[a->n_terms - 1].anchor)));
    json_object_set_new(out, "period", window_json(r->s, w));
    json_object_set_new(out, "formula", text(formula(r, done)));
    json_object_set_new(out, "rounding", text(roundings[r->rule->rounding]));
    json_object_set_new(out, "min_credit_minor", json_integer(r->rule->min_credit_minor));
}

static void put_numbers(struct rating *r, const struct settled *done, json_t *out)
{
    struct scope *s = r->s;
    const struct measured *m = &done->owed->parts[0].measured;
    mpq_ptr part = rat_sum(s);
    mpz_set(mpq_numref(part), mpq_numref(done->exact));
    json_t *exact = json_pack("{s:s, s:o, s:s}", "numerator", rat_decimal(s, part, 0),
        "denominator", json_null(), "decimal", rat_decimal(s, done->exact, 12));
    mpz_set(mpq_numref(part), mpq_denref(done->exact));
    json_object_set_new(exact, "denominator", text(rat_decimal(s, part, 0)));
    json_object_set_new(out, "exact", exact);
    put_minor(s, out, "rounded_minor", "rounded_beyond", done->rounded);
    if (done->room.cap)
        put_minor(s, out, "cap_minor", NULL, done->room.cap);
    json_object_set_new(out, "weighted_seconds", text(rat_decimal(s, m->down, 14)));
    if (!r->rule->requests_us)
        json_object_set_new(out, "entitled_seconds", text(rat_decimal(s, m->entitled, 6)));
}

/* The numbers of the policy that this line used, where it has one of the kind. */
static void put_terms(struct rating *r, const struct settled *done, json_t *out)
{
    const struct rule *rule = r->rule;
    const struct tier *tier =
        rule->model == MODEL_TIERED ? tiered_tier(r, &done->owed->parts[0].measured) : NULL;
    const struct cap *cap = rule->n_caps == 1 ? &rule->caps[0] : NULL;
    if (rule->model == MODEL_PRORATA)
        json_object_set_new(out, "multiplier", number(r->s, rule->multiplier));
    if (rule->model == MODEL_DAYS)
        json_object_set_new(out, "days", number(r->s, rule->days));
    if (tier && tier->pays.percent)
        json_object_set_new(out, "percent", number(r->s, tier->pays.percent));
    if (cap && cap->percent && cap->per == PER_WINDOW && cap->of == OF_WINDOW)
        json_object_set_new(out, "cap_percent", number(r->s, cap->percent));
}

/* The impacts that touch the window on what the account uses. */
static json_t *impacts_json(struct rating *r, const struct owed *owed)
{
    static const char *const levels[] = {"degraded_performance", "partial_outage", "major_outage"};
    json_t *out = json_array();
    for (size_t i = 0; i < owed->incidents.n; i++) {
        const struct incident *incident = owed->incidents.at[i];
        for (size_t j = 0; j < incident->n_impacts; j++) {
            const struct impact *m = &incident->impacts[j];
            int64_t weight = weight_of_impact(r, m);
            bool used = false;
            for (size_t k = 0; k < r->n_bases; k++)
                used = used || base_uses(r, &r->bases[k], m->component);
            if (weight && used && m->from < owed->window->to && m->to > owed->window->from)
                json_array_append_new(
                    out, json_pack("{s:s, s:s, s:s, s:I, s:o, s:o}", "incident", incident->ref,
                             "component", m->component, "level", levels[m->level], "weight_bp",
                             (json_int_t)(weight / 10000), "from", instant(r->s, m->from), "to",
                             instant(r->s, m->to)));
        }
    }
    return out;
}

const json_t *explain_line(struct rating *r, const struct settled *done)
{
    json_t *out = json_own(r->s, json_object()), *parts = json_array();
    json_t *prices = json_array(), *windows = json_array();
    put_facts(r, done, out);
    for (size_t i = 0; i < r->n_bases; i++) {
        const struct part *part = &done->owed->parts[i];
        json_t *own = windows_json(r, part), *paid = prices_json(r, part);
        json_array_extend(windows, own);
        json_array_extend(prices, paid);
        json_decref(own);
        json_decref(paid);
        json_array_append_new(parts, part_json(r, part));
    }
    json_object_set_new(out, "prices", prices);
    json_object_set_new(out, "impacts", impacts_json(r, done->owed));
    json_object_set_new(out, "windows", windows);
    if (!rule_is_cumulative(r->rule))
        json_object_set_new(out, "claims", claims_json(r, done->owed));
    put_numbers(r, done, out);
    put_terms(r, done, out);
    json_object_set_new(out, "parts", parts);
    json_object_set_new(out, "steps", steps_json(r, done));
    return out;
}
