#pragma once
/*
 * The uptime of one component over the last 90 days: pure arithmetic over its impacts, and its
 * picture. Days are UTC days; the last one is today until now.
 */
#include <stddef.h>
#include <stdint.h>

#include "core/strbuf.h"

enum { BARS_DAYS = 90 };

/* Worst first, so that the lower number wins; none: operational. */
enum bars_level { BARS_MAJOR, BARS_PARTIAL, BARS_DEGRADED, BARS_MAINTENANCE, BARS_NONE };

struct bars_impact {
    const char *level; /* of the schema's impact_level */
    int64_t from_at;
    int64_t to_at; /* SHAPE_NONE: still open */
};

struct bars {
    enum bars_level day[BARS_DAYS]; /* oldest first */
    int64_t first;                  /* start of the oldest day, us */
    int64_t down_us;                /* major or partial outage; overlaps count once */
    int64_t span_us;                /* from first until now */
};

/* impacts in order of from_at. */
void bars_count(const struct bars_impact *impacts, size_t n, int64_t now, struct bars *ret);

/* Share of time without an outage in units of 0.01 %: 9998. Never rounded up to 10000. */
int bars_uptime(const struct bars *bars);

/* The schema's word: "major_outage", "operational". */
const char *bars_word(enum bars_level level);

/* Append the bars as SVG. label: text for screen readers, unescaped; words[level]: the names of
 * levels for the titles of days. */
void bars_svg(const struct bars *bars, const char *label, const char *const words[BARS_NONE + 1],
    struct strbuf *b);
