/* measure.source requests: uptime is 100 less the mean error rate of the window's intervals. */
#include <stdlib.h>

#include "billing/engine/models/model.h"
#include "billing/engine/evidence/people.h"
#include "billing/engine/weight/weight.h"

/* The intervals that begin in the window where there is a price. */
static int64_t intervals_in(const struct timeline *timeline, const struct window *w, int64_t q)
{
    int64_t n = 0;
    for (size_t i = 0; i < timeline->n; i++) {
        int64_t from = timeline->at[i].from > w->from ? timeline->at[i].from : w->from;
        int64_t to = timeline->at[i].to < w->to ? timeline->at[i].to : w->to;
        if (from < to)
            n += (grid_ceil(to, q) - grid_ceil(from, q)) / q;
    }
    return n;
}

static bool excused(struct rating *r, const struct measurement *one)
{
    const struct spans *windows = weight_excuses(r, one->component);
    for (size_t i = 0; i < windows->n; i++) {
        if (windows->at[i].from <= one->from && one->from < windows->at[i].to)
            return true;
    }
    return false;
}

bool request_counts(struct rating *r, const struct base *base, const struct measurement *one)
{
    return base_uses(r, base, one->component) && audience_share(one->audience, r->account) >= 0 &&
           !excused(r, one);
}

static int by_from(const void *a, const void *b)
{
    const struct interval *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* What counts in the window, by interval, in order. */
static size_t collect(struct rating *r, const struct measured *m, struct interval *ret)
{
    size_t n = 0, merged = 0;
    for (size_t i = 0; i < r->evidence->n_measurements; i++) {
        const struct measurement *one = &r->evidence->measurements[i];
        int64_t from = grid_floor(one->from, r->rule->requests_us);
        if (from >= m->window->from && from < m->window->to &&
            timeline_at(&m->base->timeline, from) && request_counts(r, m->base, one))
            ret[n++] = (struct interval){from, one->total - one->good, one->total};
    }
    if (n)
        qsort(ret, n, sizeof *ret, by_from);
    for (size_t i = 0; i < n; i++) {
        if (merged && ret[merged - 1].from == ret[i].from) {
            ret[merged - 1].bad += ret[i].bad;
            ret[merged - 1].total += ret[i].total;
        } else {
            ret[merged++] = ret[i];
        }
    }
    return merged;
}

void measure_requests(struct rating *r, struct measured *m)
{
    struct scope *s = r->s;
    struct interval *found = SCOPE_ARRAY(s, struct interval, r->evidence->n_measurements + 1);
    const struct interval *at = m->base->stated ? m->base->stated : found;
    size_t n = m->base->stated ? m->base->n_stated : collect(r, m, found);
    int64_t all = intervals_in(&m->base->timeline, m->window, r->rule->requests_us);
    mpq_ptr rates = rat_sum(s);
    m->first = INT64_MAX;
    m->intervals = at;
    m->n_intervals = n;
    for (size_t i = 0; i < n; i++) {
        if (at[i].bad <= 0 || at[i].total <= 0)
            continue;
        rat_grow(rates, at[i].bad, 1, 1, at[i].total);
        m->first = at[i].from < m->first ? at[i].from : m->first;
        m->requests_bad += at[i].bad;
    }
    m->entitled = rat(s, all);
    if (all)
        m->uptime = rat_sub(s, rat(s, 100), rat_over(s, rat_times(s, rates, 100), all));
    m->uptime_below = m->uptime;
}
