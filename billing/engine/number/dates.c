#include "billing/engine/number/dates.h"

#include <stdlib.h>

#include "core/clock.h"

/* A stretch during which the wall shows one date. A date may have several, where clocks go back. */
struct showing {
    int64_t day;
    bool any, all;
};

static int by_day(const void *a, const void *b)
{
    const struct showing *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

/* How much of [from, to) has a weight. *i: where to look from, which rises. */
static int64_t covered(const struct spans *spans, size_t *i, int64_t from, int64_t to)
{
    int64_t sum = 0;
    while (*i < spans->n && spans->at[*i].to <= from)
        ++*i;
    for (size_t j = *i; j < spans->n && spans->at[j].from < to; j++) {
        int64_t start = spans->at[j].from > from ? spans->at[j].from : from;
        int64_t end = spans->at[j].to < to ? spans->at[j].to : to;
        sum += end - start;
    }
    return sum;
}

struct days dates_hit(struct scope *s, const struct zone *zone, const struct spans *spans,
    bool throughout, int64_t from, int64_t to)
{
    static const int64_t margin = 2 * 86400 * CLOCK_SECOND;
    struct days found = {0};
    if (!spans->n)
        return found;
    int64_t lo = zone_midnight(zone, zone_day(zone, spans->at[0].from) - 1);
    int64_t hi = spans->at[spans->n - 1].to + margin;
    lo = lo > from ? lo : from;
    hi = hi < to ? hi : to;
    size_t n = 0, seen = 0;
    for (int64_t at = lo; at < hi; at = zone_turn(zone, at))
        n++;
    struct showing *shown = SCOPE_ARRAY(s, struct showing, n);
    n = 0;
    for (int64_t at = lo, end; at < hi; at = end) {
        end = zone_turn(zone, at) < hi ? zone_turn(zone, at) : hi;
        int64_t weighed = covered(spans, &seen, at, end);
        shown[n++] = (struct showing){zone_day(zone, at), weighed > 0, weighed == end - at};
    }
    qsort(shown, n, sizeof *shown, by_day);
    found.at = SCOPE_ARRAY(s, int64_t, n);
    for (size_t i = 0, next; i < n; i = next) {
        bool any = false, all = true;
        for (next = i; next < n && shown[next].day == shown[i].day; next++) {
            any = any || shown[next].any;
            all = all && shown[next].all;
        }
        if (throughout ? all : any)
            found.at[found.n++] = shown[i].day;
    }
    return found;
}
