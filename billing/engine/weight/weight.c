#include "billing/engine/weight/weight.h"

#include <stdlib.h>
#include <string.h>

#include "billing/engine/evidence/people.h"

bool base_uses(const struct rating *r, const struct base *base, const char *component)
{
    return (base->uses_all || texts_have(&base->components, component)) &&
           (!r->rule->components.n || texts_have(&r->rule->components, component));
}

static int by_from(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* The windows of an incident on a component are joined before their notice is judged, so that
 * splitting one excuses nothing. */
static void add_excuses(struct rating *r, const struct incident *incident, struct excuse *excuse)
{
    struct spans own = {0};
    for (size_t i = 0; i < incident->n_impacts; i++) {
        const struct impact *m = &incident->impacts[i];
        if (m->level == LEVEL_MAINTENANCE && !strcmp(m->component, excuse->component) &&
            audience_share(m->audience, r->account) >= 0)
            spans_add(r->s, &own, m->from, m->to, 1);
    }
    if (own.n > 1)
        qsort(own.at, own.n, sizeof *own.at, by_from);
    for (size_t i = 0, next; i < own.n; i = next) {
        int64_t to = own.at[i].to;
        for (next = i + 1; next < own.n && own.at[next].from <= to; next++)
            to = own.at[next].to > to ? own.at[next].to : to;
        if (incident->announced_at <= own.at[i].from - r->rule->notice_us)
            spans_add(r->s, &excuse->windows, own.at[i].from, to, 1);
    }
}

const struct spans *weight_excuses(struct rating *r, const char *component)
{
    for (size_t i = 0; i < r->n_excuses; i++) {
        if (!strcmp(r->excuses[i].component, component))
            return &r->excuses[i].windows;
    }
    struct excuse *more = SCOPE_ARRAY(r->s, struct excuse, r->n_excuses + 1);
    if (r->n_excuses)
        memcpy(more, r->excuses, r->n_excuses * sizeof *more);
    r->excuses = more;
    struct excuse *excuse = &more[r->n_excuses++];
    *excuse = (struct excuse){.component = component};
    const struct incidents *all = &r->evidence->maintenance;
    for (size_t i = 0; r->rule->exclude_maintenance && i < all->n; i++)
        add_excuses(r, all->at[i], excuse);
    return &excuse->windows;
}

/* In basis points times basis points: an impact's own weight or its level's, times the share. */
int64_t weight_of_impact(const struct rating *r, const struct impact *m)
{
    if (m->level == LEVEL_MAINTENANCE)
        return 0;
    int64_t share = audience_share(m->audience, r->account);
    int64_t bp = m->weight_bp >= 0 ? m->weight_bp : r->rule->weights[m->level];
    return share > 0 ? bp * share : 0;
}

struct spans weight_before_grace(
    struct rating *r, const struct base *base, const struct incident *incident)
{
    struct spans all = {0};
    for (size_t i = 0; i < incident->n_impacts; i++) {
        const struct impact *m = &incident->impacts[i];
        struct span span = {m->from, m->to, weight_of_impact(r, m)};
        if (span.weight && span.from < span.to && base_uses(r, base, m->component))
            spans_add_outside(r->s, &all, span, weight_excuses(r, m->component));
    }
    all = spans_greatest(r->s, &all);
    return timeline_keep(r->s, &base->timeline, &all);
}

static struct spans weigh_incident(
    struct rating *r, const struct base *base, const struct incident *incident)
{
    struct spans all = weight_before_grace(r, base, incident);
    if (!r->rule->grace.given || !all.n)
        return all;
    int64_t start = grace_begins(r, incident, all.at[0].from);
    return spans_clip(r->s, &all, grace_ends(r, start), INT64_MAX);
}

const struct spans *weight_of_incident(
    struct rating *r, struct base *base, const struct incident *incident)
{
    for (size_t i = 0; i < base->n_weights; i++) {
        if (base->weights[i].incident == incident)
            return &base->weights[i].spans;
    }
    if (!base->weights)
        base->weights = SCOPE_ARRAY(r->s, struct incident_weight, r->n_incidents);
    struct incident_weight *one = &base->weights[base->n_weights++];
    *one = (struct incident_weight){.incident = incident};
    one->spans = weigh_incident(r, base, incident);
    return &one->spans;
}

static struct spans on_grid(const struct rating *r, const struct base *base, struct spans spans)
{
    if (r->rule->count == COUNT_WHOLE)
        return blocks_whole(r->s, &spans, r->rule->quantum_us);
    if (r->rule->count == COUNT_EXACT)
        return spans;
    struct spans wide = blocks_any(r->s, &spans, r->rule->quantum_us);
    return timeline_keep(r->s, &base->timeline, &wide);
}

struct weight weight_join(struct rating *r, const struct base *base, const struct spans *spans)
{
    struct spans all = spans_greatest(r->s, spans);
    all = blocks_long_enough(r->s, &all, r->rule->min_block_us);
    struct spans grid = on_grid(r, base, all);
    return (struct weight){
        .amount = r->rule->for_amount ? grid : all, .below = r->rule->for_below ? grid : all};
}

static struct weight weigh(struct rating *r, struct base *base, const struct incidents *incidents)
{
    struct spans all = {0};
    for (size_t i = 0; i < incidents->n; i++) {
        const struct spans *own = weight_of_incident(r, base, incidents->at[i]);
        for (size_t j = 0; j < own->n; j++)
            spans_add(r->s, &all, own->at[j].from, own->at[j].to, own->at[j].weight);
    }
    return weight_join(r, base, &all);
}

static bool same(const struct incidents *a, const struct incidents *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        if (a->at[i] != b->at[i])
            return false;
    }
    return true;
}

static struct incidents copy_of(struct scope *s, const struct incidents *incidents)
{
    const struct incident **at = SCOPE_ARRAY(s, const struct incident *, incidents->n + 1);
    for (size_t i = 0; i < incidents->n; i++)
        at[i] = incidents->at[i];
    return (struct incidents){.at = at, .n = incidents->n};
}

struct weight weight_of(struct rating *r, struct base *base, const struct incidents *incidents)
{
    for (struct set_weight *set = base->sets; set; set = set->next) {
        if (same(&set->incidents, incidents))
            return set->weight;
    }
    struct set_weight *set = SCOPE_NEW(r->s, struct set_weight);
    *set = (struct set_weight){.incidents = copy_of(r->s, incidents), .next = base->sets};
    set->weight = weigh(r, base, incidents);
    base->sets = set;
    return set->weight;
}
