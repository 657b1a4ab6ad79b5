#include "billing/engine/owed.h"

#include "billing/engine/weight/claims.h"

/* Of part->measured; fills tier and units. */
static mpq_srcptr model_amount(struct rating *r, struct base *base, struct part *part,
    const struct incidents *incidents, const struct moments *moments)
{
    const struct measured *m = &part->measured;
    switch (r->rule->model) {
    case MODEL_PRORATA:
        return prorata_amount(r, m);
    case MODEL_TIERED:
        return tiered_amount(r, m, &part->tier);
    case MODEL_STEPS:
        return steps_amount(r, base, m, incidents, &part->units);
    case MODEL_DAYS:
        return days_amount(r, moments, m->window);
    case MODEL_FIXED:
        break;
    }
    return fixed_amount(r, moments, m->window);
}

static bool gate_is_open(const struct rating *r, const struct measured *m)
{
    return !r->rule->below || (m->uptime_below && mpq_cmp(m->uptime_below, r->rule->below) < 0);
}

/* An account that was not hit has the moment of the outage's start. */
static int64_t first_moment(const struct moments *moments, const struct window *window)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < moments->n; i++) {
        int64_t at = moments->at[i].at;
        if (at >= window->from && at < window->to && at < first)
            first = at;
    }
    return first;
}

struct owed owed_in(struct rating *r, const struct window *window,
    const struct incidents *incidents, const struct moments *moments)
{
    struct part *parts = SCOPE_ARRAY(r->s, struct part, r->n_bases);
    struct owed owed = {.window = window,
        .incidents = *incidents,
        .parts = parts,
        .moments = moments,
        .amount = rat(r->s, 0),
        .claimed = claim_opens(r, window, incidents),
        .first = INT64_MAX};
    for (size_t i = 0; i < r->n_bases; i++) {
        struct base *base = &r->bases[i];
        struct part *part = &parts[i];
        part->measured = measure_window(r, base, window, incidents);
        part->amount = rat(r->s, 0);
        part->open = gate_is_open(r, &part->measured);
        if (part->open)
            part->amount = model_amount(r, base, part, incidents, &moments[i]);
        if (owed.claimed)
            owed.amount = rat_add(r->s, owed.amount, part->amount);
        int64_t first = part->measured.first != INT64_MAX ? part->measured.first
                                                          : first_moment(&moments[i], window);
        owed.first = first < owed.first ? first : owed.first;
    }
    return owed;
}

mpq_srcptr owed_without_gate(
    struct rating *r, const struct window *window, const struct incidents *incidents)
{
    mpq_srcptr sum = rat(r->s, 0);
    for (size_t i = 0; i < r->n_bases; i++) {
        struct part part = {.measured = measure_window(r, &r->bases[i], window, incidents)};
        mpq_srcptr amount = model_amount(r, &r->bases[i], &part, incidents, &(struct moments){0});
        sum = rat_add(r->s, sum, amount);
    }
    return sum;
}
