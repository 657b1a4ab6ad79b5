/* tiered: of the tiers whose condition holds, the one that pays most. */
#include "billing/engine/models/model.h"

bool tier_holds(const struct tier *tier, const struct measured *m)
{
    if (tier->uptime_below)
        return m->uptime && mpq_cmp(m->uptime, tier->uptime_below) < 0;
    return mpq_cmp(m->down, tier->down_from) >= 0;
}

static mpq_srcptr tier_amount(struct rating *r, const struct measured *m, const struct tier *tier)
{
    return remedy_amount(r, m->base, &tier->pays, m->window, m->first);
}

const struct tier *tiered_tier(struct rating *r, const struct measured *m)
{
    const struct tier *most = NULL;
    for (size_t i = 0; i < r->rule->n_tiers; i++) {
        const struct tier *tier = &r->rule->tiers[i];
        if (tier_holds(tier, m) &&
            (!most || mpq_cmp(tier_amount(r, m, tier), tier_amount(r, m, most)) > 0))
            most = tier;
    }
    return most;
}

mpq_srcptr tiered_amount(struct rating *r, const struct measured *m)
{
    const struct tier *tier = tiered_tier(r, m);
    return tier ? tier_amount(r, m, tier) : rat(r->s, 0);
}
