#include "billing/engine/explain.h"

#include <string.h>

#include "billing/engine/alone.h"
#include "billing/engine/counting.h"
#include "billing/engine/number/calendar.h"
#include "billing/engine/tree.h"
#include "billing/engine/weight/weight.h"
#include "billing/engine/working.h"
#include "core/clock.h"

enum { MAX_BYTES = 64 * 1024 * 1024 };

static void put_window(struct strbuf *b, const struct window *w)
{
    tree_open(b, "period", '{');
    tree_day(b, "from", w->from_day);
    tree_day(b, "to", w->to_day);
    tree_instant(b, "from_at", w->from);
    tree_instant(b, "to_at", w->to);
    tree_seconds(b, "seconds", w->length);
    tree_int(b, "dates", w->whole_to - w->whole_from);
    if (w->months)
        tree_int(b, "months", w->months);
    if (w->whole_from != w->from_day || w->whole_to != w->to_day) {
        tree_open(b, "whole", '{');
        tree_day(b, "from", w->whole_from);
        tree_day(b, "to", w->whole_to);
        tree_close(b, '}');
    }
    tree_close(b, '}');
}

static void put_product(struct strbuf *b, const struct part *part)
{
    if (part->measured.base->product)
        tree_text(b, "product", part->measured.base->product);
}

/* Prices above 0 in the window. */
static void put_prices(struct strbuf *b, const struct part *part)
{
    const struct timeline *timeline = &part->measured.base->timeline;
    const struct window *w = part->measured.window;
    for (size_t i = 0; i < timeline->n; i++) {
        const struct piece *p = &timeline->at[i];
        if (p->from >= w->to || p->to <= w->from)
            continue;
        tree_open(b, NULL, '{');
        tree_instant(b, "from", p->from > w->from ? p->from : w->from);
        tree_instant(b, "to", p->to < w->to ? p->to : w->to);
        tree_int(b, "price_minor", p->price);
        tree_int(b, "months", p->months);
        tree_seconds(b, "period_seconds", p->length);
        tree_int(b, "period_dates", p->dates);
        put_product(b, part);
        tree_close(b, '}');
    }
}

static void put_stretch(struct rating *r, struct strbuf *b, const struct part *part,
    const struct span *span, int64_t to, const struct piece *piece)
{
    tree_open(b, NULL, '{');
    tree_instant(b, "from", span->from);
    tree_instant(b, "to", to);
    counting_put_weight(r, b, span->weight);
    tree_int(b, "price_minor", piece ? piece->price : 0);
    tree_seconds(b, "seconds", to - span->from);
    if (piece)
        tree_seconds(b, "period_seconds", piece->length);
    put_product(b, part);
    tree_close(b, '}');
}

/* Where W(t) > 0, cut where the price changes. */
static void put_windows(struct rating *r, struct strbuf *b, const struct part *part)
{
    const struct timeline *timeline = &part->measured.base->timeline;
    const struct spans *spans = &part->measured.weight.amount;
    for (size_t i = 0; i < spans->n; i++) {
        struct span left = spans->at[i];
        while (left.from < left.to) {
            const struct piece *piece = timeline_at(timeline, left.from);
            int64_t to = piece && piece->to < left.to ? piece->to : left.to;
            put_stretch(r, b, part, &left, to, piece);
            left.from = to;
        }
    }
}

static void put_moment(struct strbuf *b, const struct part *part, const struct moment *one)
{
    tree_open(b, NULL, '{');
    put_product(b, part);
    tree_instant(b, "at", one->at);
    tree_int(b, "price_minor", one->piece->price);
    tree_int(b, "dates", one->piece->dates);
    tree_bool(b, "affected", one->hit);
    if (one->day != DAY_NEVER)
        tree_day(b, "day", one->day);
    if (one->incident)
        tree_text(b, "incident", one->incident);
    tree_close(b, '}');
}

/* The moments that days and fixed pay for. */
static void put_claims(struct rating *r, struct strbuf *b, const struct owed *owed)
{
    tree_open(b, "claims", '[');
    for (size_t i = 0; i < r->n_bases; i++) {
        for (size_t j = 0; j < owed->moments[i].n; j++) {
            const struct moment *one = &owed->moments[i].at[j];
            if (one->at >= owed->window->from && one->at < owed->window->to)
                put_moment(b, &owed->parts[i], one);
        }
    }
    tree_close(b, ']');
}

static void put_part(struct rating *r, struct strbuf *b, struct base *base, const struct owed *owed)
{
    const struct part *part = &owed->parts[base - r->bases];
    const struct measured *m = &part->measured;
    tree_open(b, NULL, '{');
    put_product(b, part);
    tree_number(b, "worth", m->worth);
    tree_number(b, "down_seconds", m->down);
    tree_number(b, r->rule->requests_us ? "intervals" : "entitled_seconds", m->entitled);
    if (m->uptime)
        tree_number(b, "uptime", m->uptime);
    if (m->first != INT64_MAX)
        tree_instant(b, "first", m->first);
    tree_bool(b, "below", part->open);
    working_put(r, b, base, part, &owed->incidents);
    tree_number(b, "owed", part->amount);
    tree_close(b, '}');
}

static void put_step(struct strbuf *b, const char *name, mpq_srcptr value)
{
    tree_open(b, NULL, '{');
    tree_text(b, "step", name);
    tree_number(b, "value", value);
    tree_close(b, '}');
}

static void put_steps(struct rating *r, struct strbuf *b, const struct settled *done)
{
    tree_open(b, "steps", '[');
    put_step(b, "sum", done->owed->amount);
    if (r->rule->claim) {
        tree_open(b, NULL, '{');
        tree_text(b, "step", "claimed");
        tree_text(b, "value", done->owed->claimed ? "yes" : "no");
        tree_close(b, '}');
    }
    if (done->per_incident)
        put_step(b, "caps_per_incident", done->per_incident);
    put_step(b, "exact", done->exact);
    if (mpq_cmp(done->unraised, done->rounded) != 0)
        put_step(b, "unraised", done->unraised);
    put_step(b, "rounded", done->rounded);
    put_step(b, "earlier", done->earlier);
    if (done->room.cap) {
        working_put_bound(r, b, &done->room.bound);
        put_step(b, "cap", done->room.cap);
        put_step(b, "taken", done->room.taken);
    }
    put_step(b, "amount", rat(r->s, done->amount));
    tree_close(b, ']');
}

/* A whole number of minor units, or its digits where it is beyond int64. */
static void put_minor(struct strbuf *b, const char *name, const char *beyond, mpq_srcptr value)
{
    int64_t minor;
    if (rat_int(value, &minor))
        tree_int(b, name, minor);
    else if (beyond)
        tree_whole(b, beyond, mpq_numref(value));
}

static const char *number(struct scope *s, mpq_srcptr value)
{
    return mpz_cmp_ui(mpq_denref(value), 1) == 0 ? rat_decimal(s, value, 0) : rat_text(s, value);
}

static const char *formula(struct rating *r, const struct settled *done)
{
    const struct part *part = &done->owed->parts[0];
    struct scope *s = r->s;
    mpq_srcptr uptime = part->measured.uptime;
    switch (r->rule->model) {
    case MODEL_PRORATA:
        return scope_printf(s, "%s x the price of the lost time%s", number(s, r->rule->multiplier),
            r->rule->beyond ? " beyond the allowance" : "");
    case MODEL_TIERED:
        return scope_printf(s, "the tier that pays most, at an uptime of %s %%",
            uptime ? rat_decimal(s, uptime, 6) : "?");
    case MODEL_STEPS:
        return "the steps of the downtime's units";
    case MODEL_DAYS:
        return scope_printf(s, "%s day(s) x price / dates of the period", number(s, r->rule->days));
    case MODEL_FIXED:
        break;
    }
    return "a fixed amount, once a run";
}

static const struct term *term_of(const struct account *a, int64_t day)
{
    size_t i = a->n_terms - 1;
    while (i && a->terms[i].from > day)
        i--;
    return &a->terms[i];
}

/* Facts of the window and of the policy. */
static void put_facts(struct rating *r, struct strbuf *b, const struct settled *done)
{
    static const char *const models[] = {
        [MODEL_DAYS] = "days", "prorata", "tiered", "fixed", "steps"};
    static const char *const roundings[] = {"half_up", "half_even", "up"};
    const struct window *w = done->owed->window;
    const struct account *a = r->account;
    bool calendar = w->months > 0;
    int months = calendar ? w->months : w->interval;
    tree_text(b, "policy", r->rule->name);
    tree_text(b, "model", models[r->rule->model]);
    tree_text(b, "timezone", window_zone(r->rule, a)->name);
    tree_text(b, "interval", months == 1 ? "month" : months == 3 ? "quarter" : "year");
    tree_day(b, "anchor", calendar ? w->from_day : term_of(a, w->from_day)->anchor);
    put_window(b, w);
    tree_text(b, "formula", formula(r, done));
    tree_text(b, "rounding", roundings[r->rule->rounding]);
    tree_int(b, "min_credit_minor", r->rule->min_credit_minor);
}

static void put_numbers(struct rating *r, struct strbuf *b, const struct settled *done)
{
    const struct measured *m = &done->owed->parts[0].measured;
    tree_open(b, "exact", '{');
    tree_whole(b, "numerator", mpq_numref(done->exact));
    tree_whole(b, "denominator", mpq_denref(done->exact));
    tree_decimal(b, "decimal", done->exact, 12);
    tree_close(b, '}');
    put_minor(b, "rounded_minor", "rounded_beyond", done->rounded);
    if (done->room.cap)
        put_minor(b, "cap_minor", NULL, done->room.cap);
    tree_decimal(b, "weighted_seconds", m->down, 14);
    if (!r->rule->requests_us)
        tree_decimal(b, "entitled_seconds", m->entitled, 6);
}

/* The numbers of the policy that this line used, where it has one of the kind. */
static void put_terms(struct rating *r, struct strbuf *b, const struct settled *done)
{
    const struct rule *rule = r->rule;
    const struct tier *tier = done->owed->parts[0].tier;
    const struct cap *cap = rule->n_caps == 1 ? &rule->caps[0] : NULL;
    if (rule->model == MODEL_PRORATA)
        tree_number(b, "multiplier", rule->multiplier);
    if (rule->model == MODEL_DAYS)
        tree_number(b, "days", rule->days);
    if (tier && tier->pays.percent)
        tree_number(b, "percent", tier->pays.percent);
    if (cap && cap->percent && cap->per == PER_WINDOW && cap->of == OF_WINDOW)
        tree_number(b, "cap_percent", cap->percent);
}

static void put_impact(
    struct strbuf *b, const struct incident *incident, const struct impact *m, int64_t weight)
{
    static const char *const levels[] = {"degraded_performance", "partial_outage", "major_outage"};
    tree_open(b, NULL, '{');
    tree_text(b, "incident", incident->ref);
    tree_text(b, "component", m->component);
    tree_text(b, "level", levels[m->level]);
    tree_int(b, "weight_bp", weight / 10000);
    tree_instant(b, "from", m->from);
    tree_instant(b, "to", m->to);
    tree_close(b, '}');
}

/* The impacts that touch the window on what the account uses. */
static void put_impacts(struct rating *r, struct strbuf *b, const struct owed *owed)
{
    tree_open(b, "impacts", '[');
    for (size_t i = 0; i < owed->incidents.n; i++) {
        const struct incident *incident = owed->incidents.at[i];
        for (size_t j = 0; j < incident->n_impacts; j++) {
            const struct impact *m = &incident->impacts[j];
            int64_t weight = weight_of_impact(r, m);
            bool used = false;
            for (size_t k = 0; k < r->n_bases; k++)
                used = used || base_uses(r, &r->bases[k], m->component);
            if (weight && used && m->from < owed->window->to && m->to > owed->window->from)
                put_impact(b, incident, m, weight);
        }
    }
    tree_close(b, ']');
}

const char *explain_line(struct rating *r, const struct settled *done)
{
    STRBUF(b, MAX_BYTES);
    const struct part *parts = done->owed->parts;
    tree_open(&b, NULL, '{');
    put_facts(r, &b, done);
    tree_open(&b, "prices", '[');
    for (size_t i = 0; i < r->n_bases; i++)
        put_prices(&b, &parts[i]);
    tree_close(&b, ']');
    put_impacts(r, &b, done->owed);
    counting_put(r, &b, done->owed);
    tree_open(&b, "windows", '[');
    for (size_t i = 0; i < r->n_bases; i++)
        put_windows(r, &b, &parts[i]);
    tree_close(&b, ']');
    if (alone_needs_incidents(r->rule))
        alone_put_incidents(r, &b, done->owed);
    if (!rule_is_cumulative(r->rule))
        put_claims(r, &b, done->owed);
    put_numbers(r, &b, done);
    put_terms(r, &b, done);
    tree_open(&b, "parts", '[');
    for (size_t i = 0; i < r->n_bases; i++)
        put_part(r, &b, &r->bases[i], done->owed);
    tree_close(&b, ']');
    put_steps(r, &b, done);
    tree_close(&b, '}');
    return strbuf_copy(&b, r->s);
}
