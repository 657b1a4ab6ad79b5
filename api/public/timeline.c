#include "api/public/timeline.h"

#include <string.h>

#include "core/clock.h"
#include "core/shape.h"
#include "templates/label.h"

/* Units of the picture. A row is 1.75rem high, as the names beside it are: the page draws the text,
 * so that it scales with the reader's font size. */
enum { WIDTH = 1000, ROW = 28, BAR = 14, TOP = 7, THIN = 5, REM = 16, SVG_MAX = 1024 * 1024 };

struct span {
    int64_t from, to;
};

static int64_t end_of(const struct timeline *t, const struct timeline_impact *impact)
{
    return impact->to == SHAPE_NONE ? t->now : impact->to;
}

/* The nth window, of those that are stated and then of those that are measured. */
static const struct timeline_impact *window(const struct timeline *t, size_t n)
{
    return n < t->n_impacts ? &t->impacts[n] : &t->measured[n - t->n_impacts];
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
    for (size_t i = 0; i < t->n_impacts + t->n_measured; i++) {
        widen(&span, window(t, i)->from);
        widen(&span, end_of(t, window(t, i)));
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

static size_t first_of(const struct timeline *t, const char *component)
{
    size_t i = 0;
    while (strcmp(window(t, i)->component, component) != 0)
        i++;
    return i;
}

/* The names of rows: the row of a component is that of its first window. */
static json_t *rows_of(const struct timeline *t)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < t->n_impacts + t->n_measured; i++)
        if (first_of(t, window(t, i)->component) == i)
            json_array_append_new(rows, json_string(window(t, i)->component));
    return rows;
}

static int row_of(const json_t *rows, const char *component)
{
    size_t i = 0;
    while (strcmp(json_string_value(json_array_get(rows, i)), component) != 0)
        i++;
    return (int)i;
}

static bool is_measured(const struct timeline *t, const char *component)
{
    for (size_t i = 0; i < t->n_measured; i++)
        if (!strcmp(t->measured[i].component, component))
            return true;
    return false;
}

/* In a row with both kinds, the stated bars leave the lower part to the measured ones. */
static void add_window(struct scope *s, const struct timeline *t, const struct span *span,
    const json_t *rows, const struct timeline_impact *one, struct strbuf *b)
{
    bool measured = !one->level, both = is_measured(t, one->component);
    int from = place(span, one->from), to = place(span, end_of(t, one));
    int top = measured ? ROW - TOP / 2 - THIN : both ? TOP / 2 : TOP;
    strbuf_addf(b,
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"><title>",
        measured ? "measured" : one->level, from, top + ROW * row_of(rows, one->component),
        to > from + 3 ? to - from : 3, measured ? THIN : BAR, measured ? 2 : 3);
    strbuf_addhtml(b, one->component);
    strbuf_addch(b, ' ');
    strbuf_addhtml(
        b, one->to == SHAPE_NONE
               ? scope_printf(s, "%s \u2013", label_time(s, t->locale, one->from, t->zone))
               : label_times(s, t->locale, one->from, one->to, t->zone));
    strbuf_addstr(b, "</title></rect>");
}

static void put_time(
    struct scope *s, const struct timeline *t, json_t *json, const char *name, int64_t at)
{
    json_object_set_new(json, name, json_string(clock_rfc3339(s, at)));
    json_object_set_new(
        json, scope_printf(s, "%s_text", name), json_string(label_time(s, t->locale, at, t->zone)));
}

static void draw(struct scope *s, const struct timeline *t, const struct span *span,
    const json_t *rows, struct strbuf *b)
{
    int height = ROW * (int)json_array_size(rows);
    strbuf_addf(b,
        "<svg class=\"timeline-picture\" viewBox=\"0 0 %d %d\" height=\"%d.%02drem\" role=\"img\" "
        "preserveAspectRatio=\"none\" aria-label=\"",
        WIDTH, height, height / REM, height % REM * 100 / REM);
    strbuf_addhtml(b, t->label);
    strbuf_addstr(b, "\">");
    for (size_t i = 0; i < t->n_posts; i++) {
        strbuf_addf(b, "<rect class=\"post\" x=\"%d\" width=\"2\" height=\"%d\"><title>",
            place(span, t->posts[i]), height);
        strbuf_addhtml(b, label_time(s, t->locale, t->posts[i], t->zone));
        strbuf_addstr(b, "</title></rect>");
    }
    for (size_t i = 0; i < t->n_impacts + t->n_measured; i++)
        add_window(s, t, span, rows, window(t, i), b);
    strbuf_addstr(b, "</svg>");
}

json_t *timeline_json(struct scope *s, const struct timeline *t)
{
    if (!t->n_impacts && !t->n_measured)
        return json_null();
    struct span span = span_of(t);
    json_t *json = json_object(), *rows = rows_of(t);
    STRBUF(b, SVG_MAX);
    draw(s, t, &span, rows, &b);
    json_object_set_new(json, "svg", json_stringn(b.buf, b.len));
    json_object_set_new(json, "components", rows);
    json_object_set_new(json, "measures", json_boolean(t->n_measured));
    put_time(s, t, json, "from", span.from);
    put_time(s, t, json, "to", span.to);
    return json;
}
