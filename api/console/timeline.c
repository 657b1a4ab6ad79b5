#include "api/console/timeline.h"

#include <string.h>

#include "core/clock.h"
#include "core/shape.h"

/* Units of the picture; the page draws the text, so that it scales with the reader's font size. */
enum { WIDTH = 1000, ROW = 28, BAR = 18, TOP = 6 };

struct span {
    int64_t from, to;
};

static int64_t end_of(const struct timeline *t, const struct timeline_impact *impact)
{
    return impact->to == SHAPE_NONE ? t->now : impact->to;
}

static void widen(struct span *span, int64_t at)
{
    if (at < span->from)
        span->from = at;
    if (at > span->to)
        span->to = at;
}

/* The range of all elements, with a margin on both sides. */
static struct span span_of(const struct timeline *t)
{
    struct span span = {.from = INT64_MAX, .to = INT64_MIN};
    for (size_t i = 0; i < t->n_impacts; i++) {
        widen(&span, t->impacts[i].from);
        widen(&span, end_of(t, &t->impacts[i]));
    }
    for (size_t i = 0; i < t->n_posts; i++)
        widen(&span, t->posts[i]);
    int64_t room = (span.to - span.from) / 40 + CLOCK_SECOND;
    return (struct span){.from = span.from - room, .to = span.to + room};
}

static int place(const struct span *span, int64_t at)
{
    return (int)((double)(at - span->from) / (double)(span->to - span->from) * WIDTH);
}

static void add_text(struct strbuf *b, const char *text)
{
    for (; *text; text++)
        if (strchr("<>&\"'", *text))
            strbuf_addf(b, "&#%d;", *text);
        else
            strbuf_addch(b, *text);
}

/* The row of a component is that of its first impact. */
static size_t row_of(const struct timeline *t, const char *component, size_t *ret_rows)
{
    size_t rows = 0, found = SIZE_MAX;
    for (size_t i = 0; i < t->n_impacts; i++) {
        size_t before = 0;
        while (strcmp(t->impacts[before].component, t->impacts[i].component) != 0)
            before++;
        if (before < i)
            continue;
        if (component && !strcmp(t->impacts[i].component, component))
            found = rows;
        rows++;
    }
    if (ret_rows)
        *ret_rows = rows;
    return found;
}

static void add_impact(struct scope *s, const struct timeline *t, const struct span *span,
    const struct timeline_impact *impact, struct strbuf *b)
{
    int from = place(span, impact->from), to = place(span, end_of(t, impact));
    int y = TOP + ROW * (int)row_of(t, impact->component, NULL);
    strbuf_addf(b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>",
        impact->level, from, y, to > from + 3 ? to - from : 3, BAR);
    add_text(b, impact->component);
    strbuf_addf(b, " %s - %s</title></rect>", clock_rfc3339(s, impact->from),
        impact->to == SHAPE_NONE ? "" : clock_rfc3339(s, impact->to));
}

void timeline_svg(struct scope *s, const struct timeline *t, struct strbuf *b)
{
    size_t rows = 0;
    if (!t->n_impacts && !t->n_posts)
        return;
    row_of(t, NULL, &rows);
    struct span span = span_of(t);
    int height = TOP * 2 + ROW * (int)(rows ? rows : 1);
    strbuf_addf(b,
        "<svg class=\"bars timeline-picture\" viewBox=\"0 0 %d %d\" role=\"img\" "
        "preserveAspectRatio=\"none\" aria-label=\"",
        WIDTH, height);
    add_text(b, t->label);
    strbuf_addstr(b, "\">");
    for (size_t i = 0; i < t->n_impacts; i++)
        add_impact(s, t, &span, &t->impacts[i], b);
    for (size_t i = 0; i < t->n_posts; i++)
        strbuf_addf(b,
            "<rect class=\"post\" x=\"%d\" y=\"0\" width=\"2\" height=\"%d\"><title>%s"
            "</title></rect>",
            place(&span, t->posts[i]), height, clock_rfc3339(s, t->posts[i]));
    strbuf_addstr(b, "</svg>");
}
