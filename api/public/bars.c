#include "api/public/bars.h"

#include <stdbool.h>
#include <string.h>

#include "core/clock.h"
#include "core/shape.h"

enum { PITCH = 4, WIDTH = 3, HEIGHT = 32 };
#define DAY_US (86400 * CLOCK_SECOND)

static const char *const levels[] = {
    [BARS_MAJOR] = "major_outage",
    [BARS_PARTIAL] = "partial_outage",
    [BARS_DEGRADED] = "degraded_performance",
    [BARS_MAINTENANCE] = "under_maintenance",
    [BARS_NONE] = "operational",
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

void bars_count(const struct bars_impact *impacts, size_t n, int64_t now, struct bars *ret)
{
    int64_t today = now - now % DAY_US;
    *ret = (struct bars){.first = today - (BARS_DAYS - 1) * DAY_US};
    ret->span_us = now - ret->first;
    for (size_t d = 0; d < BARS_DAYS; d++)
        ret->day[d] = BARS_NONE;
    int64_t counted = ret->first; /* end of the outages counted in down_us */
    for (size_t i = 0; i < n; i++) {
        int64_t until = impacts[i].to_at == SHAPE_NONE ? now : impacts[i].to_at;
        int64_t from = clamp(impacts[i].from_at, ret->first, now);
        until = clamp(until, ret->first, now);
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
    return (int)((double)(bars->span_us - bars->down_us) / (double)bars->span_us * 10000);
}

static void add_escaped(struct strbuf *b, const char *text)
{
    for (; *text; text++) {
        if (strchr("&<>\"'", *text))
            strbuf_addf(b, "&#%d;", *text);
        else
            strbuf_addch(b, *text);
    }
}

void bars_svg(const struct bars *bars, const char *label, const char *const words[BARS_NONE + 1],
    struct strbuf *b)
{
    strbuf_addf(b,
        "<svg class=\"bars\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\""
        " role=\"img\" aria-label=\"",
        BARS_DAYS * PITCH - 1, HEIGHT);
    add_escaped(b, label);
    strbuf_addstr(b, "\"><path class=\"operational\" d=\"");
    for (int d = 0; d < BARS_DAYS; d++)
        if (bars->day[d] == BARS_NONE)
            strbuf_addf(b, "M%d 0h%dv%dh-%dz", d * PITCH, WIDTH, HEIGHT, WIDTH);
    strbuf_addstr(b, "\"/>");
    for (int d = 0; d < BARS_DAYS; d++) {
        if (bars->day[d] == BARS_NONE)
            continue;
        SCOPE(s);
        strbuf_addf(b, "<rect class=\"%s\" x=\"%d\" width=\"%d\" height=\"%d\"><title>%.10s ",
            levels[bars->day[d]], d * PITCH, WIDTH, HEIGHT,
            clock_rfc3339(s, bars->first + d * DAY_US));
        add_escaped(b, words[bars->day[d]]);
        strbuf_addstr(b, "</title></rect>");
    }
    strbuf_addstr(b, "</svg>");
}
