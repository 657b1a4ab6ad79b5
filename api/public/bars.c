#include "api/public/bars.h"

#include <stdbool.h>
#include <string.h>

#include "core/clock.h"
#include "core/shape.h"
#include "templates/label.h"

enum { PITCH = 4, WIDTH = 3, HEIGHT = 32 };
#define DAY_US (86400 * CLOCK_SECOND)

static const char *const levels[] = {
    [BARS_MAJOR] = "major_outage",
    [BARS_PARTIAL] = "partial_outage",
    [BARS_DEGRADED] = "degraded_performance",
    [BARS_MAINTENANCE] = "under_maintenance",
    [BARS_NONE] = "operational",
    [BARS_NO_DATA] = "no_data",
};

const char *bars_word(enum bars_level level)
{
    return levels[level];
}

static enum bars_level level_of(const char *word)
{
    int level = BARS_MAJOR;
    while (level < BARS_NONE && strcmp(levels[level], word) != 0)
        level++;
    return (enum bars_level)level;
}

static int64_t clamp(int64_t at, int64_t least, int64_t most)
{
    return at < least ? least : at > most ? most : at;
}

static int64_t end_of(const struct bars_impact *impact, int64_t now)
{
    return impact->to_at == SHAPE_NONE ? now : impact->to_at;
}

static void begin(
    const struct bars_impact *impacts, size_t n, int64_t since, int64_t now, struct bars *ret)
{
    int64_t today = now - now % DAY_US;
    *ret = (struct bars){.first = today - (BARS_DAYS - 1) * DAY_US, .now = now};
    if (n && impacts[0].from_at < since)
        since = impacts[0].from_at;
    since = clamp(since, ret->first, now);
    ret->span_us = now - since;
    for (size_t d = 0; d < BARS_DAYS; d++) {
        int64_t next = ret->first + (int64_t)(d + 1) * DAY_US;
        ret->day[d] = next <= since ? BARS_NO_DATA : BARS_NONE;
    }
}

void bars_count(
    const struct bars_impact *impacts, size_t n, int64_t since, int64_t now, struct bars *ret)
{
    begin(impacts, n, since, now, ret);
    int64_t counted = ret->first; /* end of the outages counted in down_us */
    for (size_t i = 0; i < n; i++) {
        int64_t from = clamp(impacts[i].from_at, ret->first, now);
        int64_t until = clamp(end_of(&impacts[i], now), ret->first, now);
        enum bars_level level = level_of(impacts[i].level);
        for (int64_t at = from; at < until; at += DAY_US - at % DAY_US) {
            size_t d = (size_t)((at - ret->first) / DAY_US);
            if (level < ret->day[d])
                ret->day[d] = level;
        }
        if (level > BARS_PARTIAL || until <= counted)
            continue;
        ret->down_us += until - (from > counted ? from : counted);
        counted = until;
    }
}

int bars_uptime(const struct bars *bars)
{
    if (bars->span_us <= 0)
        return 10000;
    return (int)((double)(bars->span_us - bars->down_us) / (double)bars->span_us * 10000);
}

/* One path for all days of a level, since quiet days are most of the picture. */
static void add_quiet(const struct bars *bars, enum bars_level level, struct strbuf *b)
{
    strbuf_addf(b, "<path class=\"%s\" d=\"", levels[level]);
    for (int d = 0; d < BARS_DAYS; d++)
        if (bars->day[d] == level)
            strbuf_addf(b, "M%d 0h%dv%dh-%dz", d * PITCH, WIDTH, HEIGHT, WIDTH);
    strbuf_addstr(b, "\"/>");
}

/* The time of an impact within the day that begins at `day`. */
static int64_t within(const struct bars_impact *impact, int64_t day, int64_t now)
{
    int64_t end = end_of(impact, now);
    int64_t from = clamp(impact->from_at, day, day + DAY_US);
    return clamp(end < now ? end : now, from, day + DAY_US) - from;
}

/* "Partial outage, 34 min: Title", for the first impact of its incident and level that day. */
static void add_line(struct scope *s, const struct bars *bars, const struct bars_impact *impacts,
    size_t n, size_t at, int64_t day, const struct bars_words *words, struct strbuf *b)
{
    int64_t us = 0;
    for (size_t i = 0; i < n; i++) {
        bool same = !strcmp(impacts[i].ref, impacts[at].ref) &&
                    !strcmp(impacts[i].level, impacts[at].level);
        if (same && i < at && within(&impacts[i], day, bars->now))
            return;
        if (same)
            us += within(&impacts[i], day, bars->now);
    }
    int64_t seconds = us / CLOCK_SECOND;
    strbuf_addch(b, '\n');
    strbuf_addhtml(b, words->level[level_of(impacts[at].level)]);
    strbuf_addf(
        b, ", %s: ", label_span(s, words->locale, seconds < 60 ? seconds : seconds / 60 * 60));
    strbuf_addhtml(b, impacts[at].title);
}

static const struct bars_impact *worst_of(const struct bars *bars,
    const struct bars_impact *impacts, size_t n, int64_t day, enum bars_level level)
{
    for (size_t i = 0; i < n; i++)
        if (level_of(impacts[i].level) == level && within(&impacts[i], day, bars->now))
            return &impacts[i];
    return NULL;
}

static void add_day(struct scope *s, const struct bars *bars, int d,
    const struct bars_impact *impacts, size_t n, const struct bars_words *words, struct strbuf *b)
{
    int64_t day = bars->first + d * DAY_US;
    const struct bars_impact *worst = worst_of(bars, impacts, n, day, bars->day[d]);
    strbuf_addf(b, "<a class=\"%s\"", levels[bars->day[d]]);
    if (worst) {
        strbuf_addstr(b, " href=\"/incidents/");
        strbuf_addpercent(b, worst->ref);
        strbuf_addch(b, '"');
    }
    const char *date = scope_strndup(s, clock_rfc3339(s, day), 10);
    strbuf_addf(b, " data-day=\"%s\"><rect x=\"%d\" width=\"%d\" height=\"%d\"/><title>", date,
        d * PITCH, WIDTH, HEIGHT);
    strbuf_addhtml(b, label_day(s, words->locale, date));
    for (size_t i = 0; i < n; i++)
        if (within(&impacts[i], day, bars->now))
            add_line(s, bars, impacts, n, i, day, words, b);
    strbuf_addstr(b, "</title></a>");
}

void bars_svg(struct scope *s, const struct bars *bars, const struct bars_impact *impacts, size_t n,
    const struct bars_words *words, struct strbuf *b)
{
    int since = 0;
    while (since < BARS_DAYS && bars->day[since] == BARS_NO_DATA)
        since++;
    strbuf_addf(b,
        "<svg class=\"bars\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"group\""
        " data-first=\"%.10s\" data-since=\"%.10s\" aria-label=\"",
        BARS_DAYS * PITCH - 1, HEIGHT, clock_rfc3339(s, bars->first),
        clock_rfc3339(s, bars->first + since * DAY_US));
    strbuf_addhtml(b, words->label);
    strbuf_addstr(b, "\">");
    add_quiet(bars, BARS_NO_DATA, b);
    add_quiet(bars, BARS_NONE, b);
    for (int d = 0; d < BARS_DAYS; d++)
        if (bars->day[d] < BARS_NONE)
            add_day(s, bars, d, impacts, n, words, b);
    strbuf_addstr(b, "</svg>");
}
