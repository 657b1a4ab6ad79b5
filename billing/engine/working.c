#include "billing/engine/working.h"

#include "billing/engine/tree.h"
#include "core/clock.h"

static void put_pay(struct strbuf *b, const char *name, mpq_srcptr number,
    const struct piece *piece, mpq_srcptr gives)
{
    tree_open(b, NULL, '{');
    tree_number(b, name, number);
    if (piece) {
        tree_int(b, "price_minor", piece->price);
        tree_int(b, "dates", piece->dates);
        tree_seconds(b, "seconds", piece->length);
    }
    tree_number(b, "gives", gives);
    tree_close(b, '}');
}

/* [{"percent": "10", "gives": "990"}, ...] and how they join. */
static void put_pays(struct rating *r, struct strbuf *b, const struct part *part,
    const struct remedy *remedy, int64_t first)
{
    struct paid paid = remedy_pays(r, &part->measured, remedy, first);
    mpq_srcptr *gives = paid.by;
    tree_open(b, "pays", '[');
    if (gives[PAYS_PERCENT])
        put_pay(b, "percent", remedy->percent, NULL, gives[PAYS_PERCENT]);
    if (gives[PAYS_DAYS])
        put_pay(b, "days", remedy->days, paid.piece, gives[PAYS_DAYS]);
    if (gives[PAYS_HOURS])
        put_pay(b, "hours", remedy->hours, paid.piece, gives[PAYS_HOURS]);
    if (gives[PAYS_AMOUNTS])
        put_pay(b, "amount", gives[PAYS_AMOUNTS], NULL, gives[PAYS_AMOUNTS]);
    tree_close(b, ']');
    tree_bool(b, "sum", remedy->sum);
    tree_number(b, "gives", paid.all);
}

static void put_tiers(struct rating *r, struct strbuf *b, const struct part *part)
{
    const struct measured *m = &part->measured;
    tree_open(b, "tiers", '[');
    for (size_t i = 0; i < r->rule->n_tiers; i++) {
        const struct tier *tier = &r->rule->tiers[i];
        tree_open(b, NULL, '{');
        if (tier->uptime_below)
            tree_number(b, "uptime_below", tier->uptime_below);
        else
            tree_number(b, "down_from_seconds", tier->down_from);
        tree_bool(b, "holds", tier_holds(tier, m));
        tree_bool(b, "paid", tier == part->tier);
        put_pays(r, b, part, &tier->pays, m->first);
        tree_close(b, '}');
    }
    tree_close(b, ']');
}

static void put_steps_of(
    struct rating *r, struct strbuf *b, const struct part *part, const struct units *units)
{
    tree_open(b, "steps", '[');
    for (size_t i = 0; i < r->rule->n_steps; i++) {
        mpq_srcptr n = step_units(r, units->n, i);
        if (!mpq_sgn(n))
            continue;
        tree_open(b, NULL, '{');
        tree_int(b, "from_unit", r->rule->steps[i].from_unit);
        tree_number(b, "units", n);
        put_pays(r, b, part, &r->rule->steps[i].pays, units->first);
        tree_close(b, '}');
    }
    tree_close(b, ']');
}

static void put_units(struct rating *r, struct strbuf *b, struct base *base,
    const struct part *part, const struct incidents *incidents)
{
    size_t n;
    const struct units *units = steps_units(r, base, &part->measured, incidents, &n);
    if (r->rule->unit_us)
        tree_seconds(b, "unit_seconds", r->rule->unit_us);
    tree_text(b, "partial", r->rule->complete ? "complete" : "started");
    tree_open(b, "units", '[');
    for (size_t i = 0; i < n; i++) {
        tree_open(b, NULL, '{');
        if (units[i].incident)
            tree_text(b, "incident", units[i].incident->ref);
        tree_number(b, "down_seconds", units[i].down);
        tree_number(b, "units", units[i].n);
        put_steps_of(r, b, part, &units[i]);
        tree_close(b, '}');
    }
    tree_close(b, ']');
}

/* Where a request failed. */
static void put_requests(struct strbuf *b, const struct measured *m)
{
    tree_open(b, "requests", '[');
    for (size_t i = 0; i < m->n_intervals; i++) {
        const struct interval *one = &m->intervals[i];
        if (one->bad <= 0)
            continue;
        tree_open(b, NULL, '{');
        tree_instant(b, "at", one->from);
        tree_int(b, "bad", one->bad);
        tree_int(b, "total", one->total);
        tree_close(b, '}');
    }
    tree_close(b, ']');
}

/* The prices that a base is the sum of. */
static void put_pieces(struct rating *r, struct strbuf *b, const struct bound *bound)
{
    tree_open(b, "prices", '[');
    for (size_t i = 0; i < r->timeline.n; i++) {
        const struct piece *p = &r->timeline.at[i];
        int64_t from = p->from > bound->from ? p->from : bound->from;
        int64_t to = p->to < bound->to ? p->to : bound->to;
        if (from >= to)
            continue;
        tree_open(b, NULL, '{');
        tree_instant(b, "from", from);
        tree_instant(b, "to", to);
        tree_int(b, "price_minor", p->price);
        tree_int(b, "months", p->months);
        tree_seconds(b, "period_seconds", p->length);
        tree_close(b, '}');
    }
    tree_close(b, ']');
    if (bound->months) {
        tree_seconds(b, "seconds", bound->to - bound->from);
        tree_int(b, "months", bound->months);
    }
}

void working_put(struct rating *r, struct strbuf *b, struct base *base, const struct part *part,
    const struct incidents *incidents)
{
    const struct measured *m = &part->measured;
    if (r->rule->below)
        tree_number(b, "below_percent", r->rule->below);
    if (r->rule->below && m->uptime_below && mpq_cmp(m->uptime_below, m->uptime) != 0) {
        tree_number(b, "uptime_below", m->uptime_below);
        tree_number(b, "down_below_seconds", spans_seconds(r->s, &m->weight.below));
    }
    if (r->rule->beyond && r->rule->below)
        tree_number(b, "allowed_seconds", allowance(r, m));
    if (r->rule->requests_us)
        put_requests(b, m);
    if (r->rule->model == MODEL_TIERED)
        put_tiers(r, b, part);
    if (r->rule->model == MODEL_STEPS)
        put_units(r, b, base, part, incidents);
}

/* elsewhere: the base is not the price of the line's window. */
static void put_bound(struct rating *r, struct strbuf *b, const struct bound *bound, bool elsewhere)
{
    static const char *const of[] = {
        [OF_WINDOW] = "window", [OF_YEAR] = "year", [OF_PREVIOUS_30_DAYS] = "previous_30_days"};
    static const char *const pers[] = {
        [PER_WINDOW] = "window", [PER_YEAR] = "year", [PER_INCIDENT] = "incident"};
    const struct cap *cap = bound->by;
    tree_text(b, "per", pers[cap->per]);
    if (cap->percent)
        tree_number(b, "percent", cap->percent);
    if (!cap->percent && cap->days)
        tree_number(b, "days", cap->days);
    if (bound->base) {
        tree_text(b, "of", of[cap->of]);
        tree_number(b, "base", bound->base);
        if (!cap->percent)
            tree_int(b, "dates", bound->dates);
        if (elsewhere)
            put_pieces(r, b, bound);
    }
    tree_number(b, "value", bound->value);
}

void working_put_bound(struct rating *r, struct strbuf *b, const struct bound *bound)
{
    tree_open(b, NULL, '{');
    tree_text(b, "step", "bound");
    put_bound(r, b, bound, bound->by->of != OF_WINDOW);
    tree_close(b, '}');
}

void working_put_incident_cap(
    struct rating *r, struct strbuf *b, const struct bound *bound, const struct window *window)
{
    tree_open(b, "cap", '{');
    put_bound(r, b, bound, bound->by->of != OF_WINDOW || bound->from != window->from);
    tree_close(b, '}');
}
