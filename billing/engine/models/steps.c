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

static mpq_srcptr pay(struct rating *r, const struct base *base, mpq_srcptr units,
    const struct window *window, int64_t first)
{
    struct scope *s = r->s;
    mpq_srcptr sum = rat(s, 0);
    for (size_t i = 0; i < r->rule->n_steps; i++) {
        const struct step *step = &r->rule->steps[i];
        mpq_srcptr until = i + 1 < r->rule->n_steps
                               ? rat_min(units, rat(s, r->rule->steps[i + 1].from_unit - 1))
                               : units;
        mpq_srcptr n = rat_sub(s, until, rat(s, step->from_unit - 1));
        if (mpq_sgn(n) > 0)
            sum =
                rat_add(s, sum, rat_mul(s, n, remedy_amount(r, base, &step->pays, window, first)));
    }
    return sum;
}

/* Each incident alone, over its whole length, in the window of its first instant. */
static mpq_srcptr per_incident(struct rating *r, struct base *base, const struct window *window,
    const struct incidents *incidents)
{
    mpq_srcptr sum = rat(r->s, 0);
    for (size_t i = 0; i < incidents->n; i++) {
        struct weight alone =
            weight_of(r, base, &(struct incidents){.at = &incidents->at[i], .n = 1});
        int64_t first = spans_first(&alone.amount);
        if (first < window->from || first >= window->to)
            continue;
        mpq_srcptr units = units_of(r, &alone.amount, NULL, INT64_MIN, INT64_MAX);
        sum = rat_add(r->s, sum, pay(r, base, units, window, first));
    }
    return sum;
}

mpq_srcptr steps_amount(struct rating *r, struct base *base, const struct measured *m,
    const struct incidents *incidents)
{
    if (r->rule->per == PER_INCIDENT)
        return per_incident(r, base, m->window, incidents);
    mpq_srcptr allowed = r->rule->beyond ? allowance(r, m) : NULL;
    mpq_srcptr units = units_of(r, &m->weight.amount, allowed, m->window->from, m->window->to);
    return pay(r, base, units, m->window, m->first);
}
