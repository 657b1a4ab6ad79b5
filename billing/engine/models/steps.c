/* steps: each unit of downtime earns the step with the greatest from_unit up to it. */
#include "billing/engine/number/dates.h"
#include "billing/engine/models/model.h"
#include "billing/engine/weight/weight.h"
#include "core/clock.h"

/* Units of a weight within [from, to): local dates, or spans of time less what is allowed. */
static mpq_srcptr units_of(
    struct rating *r, const struct spans *spans, mpq_srcptr allowed, int64_t from, int64_t to)
{
    struct scope *s = r->s;
    if (!r->rule->unit_us) {
        const struct zone *zone = window_zone(r->rule, r->account);
        return rat(s, (int64_t)dates_hit(s, zone, spans, r->rule->complete, from, to).n);
    }
    mpq_srcptr down = spans_seconds(s, spans);
    if (allowed)
        down = rat_max(rat(s, 0), rat_sub(s, down, allowed));
    mpq_srcptr units = rat_div(s, down, rat_of(s, r->rule->unit_us, CLOCK_SECOND));
    return r->rule->complete ? rat_floor(s, units) : rat_ceil(s, units);
}

mpq_srcptr step_units(struct rating *r, mpq_srcptr units, size_t i)
{
    const struct step *step = &r->rule->steps[i];
    bool last = i + 1 == r->rule->n_steps;
    mpq_srcptr until =
        last ? units : rat_min(units, rat(r->s, r->rule->steps[i + 1].from_unit - 1));
    return rat_max(rat(r->s, 0), rat_sub(r->s, until, rat(r->s, step->from_unit - 1)));
}

static mpq_srcptr pay(struct rating *r, const struct measured *m, const struct units *of)
{
    struct scope *s = r->s;
    mpq_srcptr sum = rat(s, 0);
    for (size_t i = 0; i < r->rule->n_steps; i++) {
        const struct remedy *pays = &r->rule->steps[i].pays;
        mpq_srcptr n = step_units(r, of->n, i);
        if (mpq_sgn(n) > 0)
            sum = rat_add(s, sum, rat_mul(s, n, remedy_pays(r, m, pays, of->first).all));
    }
    return sum;
}

/* Each incident alone, over its whole length, in the window of its first instant. */
static size_t per_incident(struct rating *r, struct base *base, const struct window *window,
    const struct incidents *incidents, struct units *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < incidents->n; i++) {
        struct weight alone =
            weight_of(r, base, &(struct incidents){.at = &incidents->at[i], .n = 1});
        int64_t first = spans_first(&alone.amount);
        if (first < window->from || first >= window->to)
            continue;
        ret[n] = (struct units){.incident = incidents->at[i],
            .down = spans_seconds(r->s, &alone.amount),
            .n = units_of(r, &alone.amount, NULL, INT64_MIN, INT64_MAX),
            .first = first};
        n++;
    }
    return n;
}

struct units *steps_units(struct rating *r, struct base *base, const struct measured *m,
    const struct incidents *incidents, size_t *ret_n)
{
    struct units *units = SCOPE_ARRAY(r->s, struct units, incidents->n + 1);
    mpq_srcptr allowed = r->rule->beyond ? allowance(r, m) : NULL;
    if (r->rule->per == PER_INCIDENT) {
        *ret_n = per_incident(r, base, m->window, incidents, units);
        return units;
    }
    mpq_srcptr down = m->down;
    if (allowed)
        down = rat_max(rat(r->s, 0), rat_sub(r->s, down, allowed));
    units[0] = (struct units){.down = down,
        .n = units_of(r, &m->weight.amount, allowed, m->window->from, m->window->to),
        .first = m->first};
    *ret_n = 1;
    return units;
}

mpq_srcptr steps_amount(struct rating *r, struct base *base, const struct measured *m,
    const struct incidents *incidents, mpq_srcptr *ret)
{
    size_t n;
    const struct units *units = steps_units(r, base, m, incidents, &n);
    mpq_srcptr sum = rat(r->s, 0), all = sum;
    for (size_t i = 0; i < n; i++) {
        sum = rat_add(r->s, sum, pay(r, m, &units[i]));
        all = rat_add(r->s, all, units[i].n);
    }
    *ret = all;
    return sum;
}
