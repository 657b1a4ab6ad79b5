#include "billing/engine/counting.h"

#include "billing/engine/number/calendar.h"
#include "billing/engine/tree.h"
#include "billing/engine/weight/weight.h"

static bool is_on_grid(const struct rule *rule)
{
    return rule->count != COUNT_EXACT && (rule->for_amount || rule->below);
}

void counting_put_weight(struct rating *r, struct strbuf *b, int64_t weight)
{
    tree_int(b, "weight_bp", weight / 10000);
    if (weight % 10000)
        tree_number(b, "weight", rat_of(r->s, weight, 10000));
}

static void add_all(struct scope *s, struct spans *to, const struct spans *from)
{
    for (size_t i = 0; i < from->n; i++)
        spans_add(s, to, from->at[i].from, from->at[i].to, 1);
}

/* Stretches without a gap as one. */
static struct spans joined(struct scope *s, const struct spans *spans)
{
    struct spans all = spans_greatest(s, spans), blocks = {0};
    for (size_t i = 0; i < all.n; i++) {
        if (blocks.n && blocks.at[blocks.n - 1].to == all.at[i].from)
            blocks.at[blocks.n - 1].to = all.at[i].to;
        else
            spans_add(s, &blocks, all.at[i].from, all.at[i].to, 1);
    }
    return blocks;
}

static bool touches(const struct spans *spans, int64_t from, int64_t to)
{
    for (size_t i = 0; i < spans->n; i++)
        if (spans->at[i].from < to && spans->at[i].to > from)
            return true;
    return false;
}

/* An incident before grace, and after. */
struct counted {
    const struct incident *incident;
    struct spans before, after;
};

struct counting {
    struct rating *r;
    struct counted *at;
    size_t n;
    struct spans near; /* blocks before grace that touch the window, or do once widened */
    bool alone;        /* steps per incident: an incident is shown whole */
};

static struct counting counting_of(struct rating *r, struct base *base, const struct owed *owed)
{
    struct counting c = {.r = r,
        .at = SCOPE_ARRAY(r->s, struct counted, owed->incidents.n + 1),
        .alone = r->rule->model == MODEL_STEPS && r->rule->per == PER_INCIDENT};
    int64_t margin = is_on_grid(r->rule) ? r->rule->quantum_us : 0;
    struct spans all = {0};
    for (size_t i = 0; i < owed->incidents.n; i++) {
        const struct incident *one = owed->incidents.at[i];
        c.at[c.n] = (struct counted){.incident = one,
            .before = weight_before_grace(r, base, one),
            .after = *weight_of_incident(r, base, one)};
        add_all(r->s, &all, &c.at[c.n++].before);
    }
    all = joined(r->s, &all);
    for (size_t i = 0; i < all.n; i++)
        if (all.at[i].from - margin < owed->window->to &&
            all.at[i].to + margin > owed->window->from)
            spans_add(r->s, &c.near, all.at[i].from, all.at[i].to, 1);
    return c;
}

static bool is_shown(const struct counting *c, const struct counted *one)
{
    for (size_t i = 0; i < one->before.n; i++)
        if (touches(&c->near, one->before.at[i].from, one->before.at[i].to))
            return true;
    return false;
}

static void put_stretches(const struct counting *c, struct strbuf *b, const struct counted *one)
{
    for (size_t i = 0; i < one->before.n; i++) {
        struct span span = one->before.at[i];
        while (i + 1 < one->before.n && one->before.at[i + 1].from == span.to &&
               one->before.at[i + 1].weight == span.weight)
            span.to = one->before.at[++i].to;
        if (!c->alone && !touches(&c->near, span.from, span.to))
            continue;
        tree_open(b, NULL, '{');
        tree_text(b, "incident", one->incident->ref);
        tree_instant(b, "from", span.from);
        tree_instant(b, "to", span.to);
        counting_put_weight(c->r, b, span.weight);
        tree_close(b, '}');
    }
}

/* Dates of the grace that are no working days. */
static void put_skipped(struct rating *r, struct strbuf *b, int64_t start, int64_t end)
{
    const struct zone *zone = window_zone(r->rule, r->account);
    tree_open(b, "skipped", '[');
    for (int64_t day = zone_day(zone, start) + 1; zone_midnight(zone, day) < end; day++)
        if (!grace_counts(&r->rule->grace, zone, day))
            tree_day(b, NULL, day);
    tree_close(b, ']');
}

static void put_grace(struct rating *r, struct strbuf *b, const struct counted *one)
{
    const struct grace *grace = &r->rule->grace;
    int64_t start = grace_begins(r, one->incident, one->before.at[0].from);
    int64_t end = grace_ends(r, start);
    tree_open(b, NULL, '{');
    tree_text(b, "incident", one->incident->ref);
    tree_instant(b, "from", start);
    if (grace->working_days) {
        tree_int(b, "working_days", grace->working_days);
        put_skipped(r, b, start, end);
    } else {
        tree_seconds(b, "seconds", grace->us);
    }
    tree_instant(b, "to", end);
    tree_close(b, '}');
}

static void put_block(const struct rule *rule, struct strbuf *b, const struct span *block)
{
    int64_t q = rule->quantum_us, length = block->to - block->from;
    bool whole = rule->count == COUNT_WHOLE;
    tree_open(b, NULL, '{');
    tree_instant(b, "from", block->from);
    tree_instant(b, "to", block->to);
    tree_seconds(b, "seconds", length);
    tree_bool(b, "counts", length >= rule->min_block_us);
    if (is_on_grid(rule) && length >= rule->min_block_us) {
        int64_t from = whole ? grid_ceil(block->from, q) : grid_floor(block->from, q);
        int64_t to = whole ? grid_floor(block->to, q) : grid_ceil(block->to, q);
        if (from < to) {
            tree_instant(b, "grid_from", from);
            tree_instant(b, "grid_to", to);
        }
    }
    tree_close(b, '}');
}

static void put_blocks(const struct counting *c, struct strbuf *b)
{
    struct spans all = {0};
    for (size_t i = 0; i < c->n; i++)
        add_all(c->r->s, &all, &c->at[i].after);
    all = joined(c->r->s, &all);
    tree_open(b, "blocks", '[');
    for (size_t i = 0; i < all.n; i++)
        if (touches(&c->near, all.at[i].from, all.at[i].to))
            put_block(c->r->rule, b, &all.at[i]);
    tree_close(b, ']');
}

static void put_rule(const struct rule *rule, struct strbuf *b)
{
    if (rule->min_block_us)
        tree_seconds(b, "min_block_seconds", rule->min_block_us);
    if (!is_on_grid(rule))
        return;
    tree_seconds(b, "quantum_seconds", rule->quantum_us);
    tree_text(b, "count", rule->count == COUNT_WHOLE ? "whole" : "any");
    tree_text(b, "grid_for", !rule->for_below ? "amount" : !rule->for_amount ? "below" : "both");
}

static void put_base(struct rating *r, struct strbuf *b, struct base *base, const struct owed *owed)
{
    const struct counting c = counting_of(r, base, owed);
    tree_open(b, NULL, '{');
    if (base->product)
        tree_text(b, "product", base->product);
    put_rule(r->rule, b);
    tree_open(b, "stretches", '[');
    for (size_t i = 0; i < c.n; i++)
        if (is_shown(&c, &c.at[i]))
            put_stretches(&c, b, &c.at[i]);
    tree_close(b, ']');
    tree_open(b, "grace", '[');
    for (size_t i = 0; r->rule->grace.given && i < c.n; i++)
        if (is_shown(&c, &c.at[i]))
            put_grace(r, b, &c.at[i]);
    tree_close(b, ']');
    if (r->rule->min_block_us || is_on_grid(r->rule))
        put_blocks(&c, b);
    tree_close(b, '}');
}

void counting_put(struct rating *r, struct strbuf *b, const struct owed *owed)
{
    if (!r->rule->grace.given && !r->rule->min_block_us && !is_on_grid(r->rule))
        return;
    tree_open(b, "counting", '[');
    for (size_t i = 0; i < r->n_bases; i++)
        put_base(r, b, &r->bases[i], owed);
    tree_close(b, ']');
}
