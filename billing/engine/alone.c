#include "billing/engine/alone.h"

#include "billing/engine/counting.h"
#include "billing/engine/tree.h"
#include "billing/engine/weight/weight.h"
#include "billing/engine/working.h"

bool alone_needs_incidents(const struct rule *rule)
{
    return (rule->model == MODEL_STEPS && rule->per == PER_INCIDENT) || caps_are_per_incident(rule);
}

/* Spans of a base without their prices, those without a gap or a change of weight as one. */
static void put_spans(
    struct rating *r, struct strbuf *b, const struct base *base, const struct spans *spans)
{
    for (size_t i = 0; i < spans->n; i++) {
        struct span one = spans->at[i];
        while (i + 1 < spans->n && spans->at[i + 1].from == one.to &&
               spans->at[i + 1].weight == one.weight)
            one.to = spans->at[++i].to;
        tree_open(b, NULL, '{');
        tree_instant(b, "from", one.from);
        tree_instant(b, "to", one.to);
        counting_put_weight(r, b, one.weight);
        if (base->product)
            tree_text(b, "product", base->product);
        tree_close(b, '}');
    }
}

/* W(t) of an incident alone: in the window, or where its units are counted in the window of its
 * first instant, all of it. */
static struct spans alone_in(
    struct rating *r, struct base *base, const struct incident *incident, const struct window *w)
{
    struct spans all = weight_of(r, base, &(struct incidents){.at = &incident, .n = 1}).amount;
    int64_t first = spans_first(&all);
    if (r->rule->model != MODEL_STEPS || r->rule->per != PER_INCIDENT)
        return spans_clip(r->s, &all, w->from, w->to);
    return first >= w->from && first < w->to ? all : (struct spans){0};
}

static void put_incident(
    struct rating *r, struct strbuf *b, const struct incident *incident, const struct window *w)
{
    size_t n = SIZE_MAX;
    const struct capped *capped =
        caps_are_per_incident(r->rule) ? caps_of_incident(r, incident, w, &n) : NULL;
    tree_open(b, NULL, '{');
    tree_text(b, "incident", incident->ref);
    tree_open(b, "windows", '[');
    for (size_t i = 0; i < r->n_bases; i++) {
        struct spans spans = alone_in(r, &r->bases[i], incident, w);
        put_spans(r, b, &r->bases[i], &spans);
    }
    tree_close(b, ']');
    if (n != SIZE_MAX) {
        if (capped->bound.base)
            tree_instant(b, "first", capped->first);
        if (capped->bound.value)
            working_put_incident_cap(r, b, &capped->bound, w);
        tree_number(b, "used", capped->used[n]);
        tree_number(b, "gives", capped->gives[n]);
        tree_number(b, "gets", capped->gets[n]);
    }
    tree_close(b, '}');
}

/* What each incident alone counts, where the policy asks for it. */
void alone_put_incidents(struct rating *r, struct strbuf *b, const struct owed *owed)
{
    tree_open(b, "incidents", '[');
    for (size_t i = 0; i < owed->incidents.n; i++) {
        bool counts = false;
        for (size_t k = 0; k < r->n_bases; k++)
            counts = counts || alone_in(r, &r->bases[k], owed->incidents.at[i], owed->window).n > 0;
        if (counts)
            put_incident(r, b, owed->incidents.at[i], owed->window);
    }
    tree_close(b, ']');
}
