/* down, entitled and uptime of a window. */
#include "billing/engine/models/model.h"
#include "billing/engine/weight/weight.h"
#include "core/clock.h"

static mpq_srcptr uptime_of(struct scope *s, mpq_srcptr down, mpq_srcptr entitled)
{
    if (mpq_sgn(entitled) == 0)
        return NULL;
    return rat_times(s, rat_sub(s, rat(s, 1), rat_div(s, down, entitled)), 100);
}

struct measured measure_window(struct rating *r, struct base *base, const struct window *window,
    const struct incidents *incidents)
{
    struct scope *s = r->s;
    struct weight all = weight_of(r, base, incidents);
    struct measured m = {.base = base, .window = window};
    m.weight.amount = spans_clip(s, &all.amount, window->from, window->to);
    m.weight.below = r->rule->for_below && r->rule->for_amount
                         ? m.weight.amount
                         : spans_clip(s, &all.below, window->from, window->to);
    m.worth = window_worth(s, &base->timeline, window);
    m.first = spans_first(&m.weight.amount);
    m.down = spans_seconds(s, &m.weight.amount);
    if (r->rule->requests_us) {
        measure_requests(r, &m);
        return m;
    }
    m.entitled =
        rat_of(s, timeline_entitled(&base->timeline, window->from, window->to), CLOCK_SECOND);
    m.uptime = uptime_of(s, m.down, m.entitled);
    m.uptime_below = r->rule->for_below && r->rule->for_amount
                         ? m.uptime
                         : uptime_of(s, spans_seconds(s, &m.weight.below), m.entitled);
    return m;
}

mpq_srcptr allowance(struct rating *r, const struct measured *m)
{
    if (!r->rule->below)
        return NULL;
    mpq_srcptr share = rat_sub(r->s, rat(r->s, 1), rat_over(r->s, r->rule->below, 100));
    return rat_mul(r->s, share, m->entitled);
}
