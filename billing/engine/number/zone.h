#pragma once
/*
 * A time zone as the table of its offsets: evidence, like prices. Pure; billing/zones.h loads one.
 * An interval i lasts from from[i] to from[i + 1]; the first begins at INT64_MIN.
 */
#include <stddef.h>
#include <stdint.h>

struct zone {
    const char *name;
    const int64_t *from;   /* us since 1970 */
    const int64_t *offset; /* us east of UTC */
    size_t n;              /* at least 1 */
};

/* The local date of an instant: what the clock on the wall shows. */
int64_t zone_day(const struct zone *zone, int64_t us);

/* The local midnight that begins a date. One that occurs twice is the later; one that the clocks
 * skip is the instant at which they jump. */
int64_t zone_midnight(const struct zone *zone, int64_t day);

/* The next instant at which the clock on the wall may show another date. */
int64_t zone_turn(const struct zone *zone, int64_t us);

/* The zone of a name; NULL where there is none. */
typedef const struct zone *zone_find(void *ctx, const char *name);
