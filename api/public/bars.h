#pragma once
/*
 * The uptime of one component over the last 90 days: pure arithmetic over its impacts, and its
 * picture. Days are UTC days; the last one is today until now.
 */
#include <stddef.h>
#include <stdint.h>

#include "core/strbuf.h"

enum { BARS_DAYS = 90 };

/* Worst first, so that the lower number wins; none: operational; no data: before the component. */
enum bars_level {
    BARS_MAJOR,
    BARS_PARTIAL,
    BARS_DEGRADED,
    BARS_MAINTENANCE,
    BARS_NONE,
    BARS_NO_DATA,
    BARS_LEVELS,
};

struct bars_impact {
    const char *level; /* of the schema's impact_level */
    int64_t from_at;
    int64_t to_at;           /* SHAPE_NONE: still open */
    const char *ref, *title; /* of its incident */
};

struct bars {
    enum bars_level day[BARS_DAYS]; /* oldest first */
    int64_t first;                  /* start of the oldest day, us */
    int64_t now;                    /* end of the last one, and of open impacts */
    int64_t down_us;                /* major or partial outage; overlaps count once */
    int64_t span_us;                /* from first, or the component's start, until now */
};

/* impacts in order of from_at. since: when the component began; an earlier impact moves it. */
void bars_count(
    const struct bars_impact *impacts, size_t n, int64_t since, int64_t now, struct bars *ret);

/* Share of time without an outage in units of 0.01 %: 9998. Never rounded up to 10000. */
int bars_uptime(const struct bars *bars);

/* The schema's word: "major_outage", "operational"; "no_data". */
const char *bars_word(enum bars_level level);

/* The texts of a picture, unescaped. */
struct bars_words {
    const char *locale;             /* of lengths of time */
    const char *label;              /* for screen readers */
    const char *level[BARS_LEVELS]; /* the names of levels */
};

/* Append the bars as SVG. A day with impacts is a link to the incident of its worst one, and its
 * title lists them, a line each: level, minutes, incident. */
void bars_svg(struct scope *s, const struct bars *bars, const struct bars_impact *impacts, size_t n,
    const struct bars_words *words, struct strbuf *b);
