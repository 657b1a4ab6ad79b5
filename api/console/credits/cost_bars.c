#include "api/console/credits/cost_bars.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"

/* A pair is PITCH wide; the page stretches the picture to its width. */
enum { PITCH = 10, BAR = 4, HEIGHT = 100, MONTHS_MAX = 36, LABELS_MAX = 13, SVG_MAX = 1024 * 1024 };

/* Months since year 0. */
static int month_of(const json_t *row)
{
    const char *month = json_get_word(row, "month");
    return (int)strtol(month, NULL, 10) * 12 + (int)strtol(month + 5, NULL, 10) - 1;
}

struct pairs {
    int first, unit, n; /* months; 1 or 12 of them a pair */
    double *cost, *against, most;
};

static struct pairs pairs_of(struct scope *s, const json_t *months)
{
    struct pairs p = {.first = month_of(json_array_get(months, 0)), .unit = 1, .most = 1};
    int last = month_of(json_array_get(months, json_array_size(months) - 1));
    if (last - p.first >= MONTHS_MAX) {
        p.unit = 12;
        p.first -= p.first % 12;
    }
    p.n = (last - p.first) / p.unit + 1;
    p.cost = scope_alloc(s, (size_t)p.n * sizeof(double));
    p.against = scope_alloc(s, (size_t)p.n * sizeof(double));
    for (int i = 0; i < p.n; i++)
        p.cost[i] = p.against[i] = 0;
    size_t i;
    json_t *row;
    json_array_foreach(months, i, row)
    {
        int at = (month_of(row) - p.first) / p.unit;
        p.cost[at] += (double)json_get_int(row, "amount_minor");
        p.against[at] += (double)json_get_int(row, "against_minor");
        p.most = p.cost[at] > p.most ? p.cost[at] : p.most;
        p.most = p.against[at] > p.most ? p.against[at] : p.most;
    }
    return p;
}

/* An amount above 0 is never invisible. */
static void add_bar(struct strbuf *b, const char *class, int x, double share)
{
    int height = (int)(share * HEIGHT);
    height = share > 0 && height < 1 ? 1 : height;
    if (height)
        strbuf_addf(b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", class,
            x, HEIGHT - height, BAR, height);
}

static const char *label_of(struct scope *s, const struct pairs *p, int i)
{
    int at = p->first + i * p->unit;
    if (p->unit == 12)
        return p->n <= LABELS_MAX || i % 5 == 0 ? scope_printf(s, "%d", at / 12) : "";
    if (at % 12 == 0 || (p->n <= LABELS_MAX && i == 0))
        return scope_printf(s, "%d-%02d", at / 12, at % 12 + 1);
    return p->n <= LABELS_MAX ? scope_printf(s, "%02d", at % 12 + 1) : "";
}

json_t *cost_bars(struct scope *s, const json_t *months, const char *label)
{
    if (!json_array_size(months))
        return json_null();
    struct pairs p = pairs_of(s, months);
    json_t *labels = json_array();
    STRBUF(b, SVG_MAX);
    strbuf_addf(&b,
        "<svg class=\"cost-bars\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\""
        " aria-label=\"",
        p.n * PITCH, HEIGHT);
    strbuf_addhtml(&b, label);
    strbuf_addstr(&b, "\">");
    for (int i = 0; i < p.n; i++) {
        add_bar(&b, "first", i * PITCH + 1, p.cost[i] / p.most);
        add_bar(&b, "other", i * PITCH + 1 + BAR, p.against[i] / p.most);
        json_array_append_new(labels, json_string(label_of(s, &p, i)));
    }
    strbuf_addstr(&b, "</svg>");
    return json_pack("{s:s, s:o}", "svg", strbuf_copy(&b, s), "labels", labels);
}
