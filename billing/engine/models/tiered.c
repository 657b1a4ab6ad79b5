/* tiered: of the tiers whose condition holds, the one that pays most. */
#include "billing/engine/models/model.h"

bool tier_holds(const struct tier *tier, const struct measured *m)
{
    if (tier->uptime_below)
        return m->uptime && mpq_cmp(m->uptime, tier->uptime_below) < 0;
    return mpq_cmp(m->down, tier->down_from) >= 0;
}

mpq_srcptr tiered_amount(struct rating *r, const struct measured *m, const struct tier **ret)
{
    mpq_srcptr most = rat(r->s, 0);
    *ret = NULL;
    for (size_t i = 0; i < r->rule->n_tiers; i++) {
        const struct tier *tier = &r->rule->tiers[i];
        if (!tier_holds(tier, m))
            continue;
        mpq_srcptr amount = remedy_pays(r, m, &tier->pays, m->first).all;
        if (!*ret || mpq_cmp(amount, most) > 0) {
            *ret = tier;
            most = amount;
        }
    }
    return most;
}
