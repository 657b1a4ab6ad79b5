#include "billing/engine/price/terms.h"

#include "billing/engine/number/calendar.h"

static void add(struct scope *s, struct periods *periods, struct period period)
{
    if (periods->n == 0 || (periods->n >= 4 && (periods->n & (periods->n - 1)) == 0)) {
        struct period *more = SCOPE_ARRAY(s, struct period, periods->n ? periods->n * 2 : 4);
        for (size_t i = 0; i < periods->n; i++)
            more[i] = periods->at[i];
        periods->at = more;
    }
    periods->at[periods->n++] = period;
}

/* Period k of a term that is valid until a date. */
static struct period period_of(
    const struct zone *zone, const struct term *term, int64_t until, int64_t k)
{
    struct period p = {.months = term->months,
        .whole_from = day_add_months(term->anchor, k * term->months),
        .whole_to = day_add_months(term->anchor, (k + 1) * term->months)};
    p.from_day = p.whole_from > term->from ? p.whole_from : term->from;
    p.to_day = p.whole_to < until ? p.whole_to : until;
    if (p.from_day >= p.to_day)
        return p;
    p.from = zone_midnight(zone, p.from_day);
    p.to = zone_midnight(zone, p.to_day);
    p.length = p.whole_from == p.from_day && p.whole_to == p.to_day
                   ? p.to - p.from
                   : zone_midnight(zone, p.whole_to) - zone_midnight(zone, p.whole_from);
    return p;
}

struct periods periods_between(
    struct scope *s, const struct account *account, int64_t from, int64_t to)
{
    struct periods found = {0};
    int64_t first = zone_day(account->zone, from) - 1, last = zone_day(account->zone, to) + 1;
    for (size_t i = 0; i < account->n_terms; i++) {
        const struct term *term = &account->terms[i];
        int64_t until = i + 1 < account->n_terms ? account->terms[i + 1].from : DAY_NEVER;
        if (term->from > last || until < first)
            continue;
        int64_t start = first > term->from ? first : term->from;
        int64_t k = day_months_between(term->anchor, start) / term->months - 1;
        for (k = k > 0 ? k : 0;; k++) {
            struct period period = period_of(account->zone, term, until, k);
            if (period.whole_from >= until || period.whole_from > last)
                break;
            if (period.from < period.to && period.from < to && period.to > from)
                add(s, &found, period);
        }
    }
    return found;
}
