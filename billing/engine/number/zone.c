#include "billing/engine/number/zone.h"

#include "core/clock.h"

static const int64_t day_us = 86400 * CLOCK_SECOND;

/* The interval that holds an instant. */
static size_t interval_at(const struct zone *zone, int64_t us)
{
    size_t lo = 0, hi = zone->n;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (zone->from[mid] <= us)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static int64_t interval_end(const struct zone *zone, size_t i)
{
    return i + 1 < zone->n ? zone->from[i + 1] : INT64_MAX;
}

static int64_t whole_days(int64_t us)
{
    return us / day_us - (us % day_us < 0);
}

int64_t zone_day(const struct zone *zone, int64_t us)
{
    return whole_days(us + zone->offset[interval_at(zone, us)]);
}

int64_t zone_midnight(const struct zone *zone, int64_t day)
{
    int64_t wall = day * day_us;
    /* The last interval that can show it comes first: no offset is beyond a day. */
    for (size_t i = interval_at(zone, wall + day_us) + 1; i-- > 0;) {
        int64_t at = wall - zone->offset[i];
        if (at >= interval_end(zone, i))
            return interval_end(zone, i);
        if (at >= zone->from[i])
            return at;
    }
    return wall - zone->offset[0];
}

int64_t zone_turn(const struct zone *zone, int64_t us)
{
    size_t i = interval_at(zone, us);
    int64_t midnight = (whole_days(us + zone->offset[i]) + 1) * day_us - zone->offset[i];
    return midnight < interval_end(zone, i) ? midnight : interval_end(zone, i);
}
