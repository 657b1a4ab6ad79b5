/* tiered: of the tiers whose condition holds, the one that pays most. */
#include "billing/engine/models/model.h"

static bool holds(const struct tier *tier, const struct measured *m)
{
    if (tier->uptime_below)
        return m->uptime && mpq_cmp(m->uptime, tier->uptime_below) < 0;
    return mpq_cmp(m->down, tier->down_from) >= 0;
}

mpq_srcptr tiered_amount(struct rating *r, const struct measured *m)
{
    mpq_srcptr most = rat(r->s, 0);
    for (size_t i = 0; i < r->rule->n_tiers; i++) {
        const struct tier *tier = &r->rule->tiers[i];
        if (holds(tier, m))
            most = rat_max(most, remedy_amount(r, m->base, &tier->pays, m->window, m->first));
    }
    return most;
}
