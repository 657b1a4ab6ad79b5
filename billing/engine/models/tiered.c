/* tiered: of the tiers whose condition holds, the one that pays most. */
#include "billing/engine/models/model.h"

bool tier_holds(const struct tier *tier, const struct measured *m)
{
    if (tier->uptime_below)
        return m->uptime && mpq_cmp(m->uptime, tier->uptime_below) < 0;
    return mpq_cmp(m->down, tier->down_from) >= 0;
}

/* The tier that pays most; NULL: none holds. */
static const struct tier *choose(struct rating *r, const struct measured *m, mpq_srcptr *ret_amount)
{
    const struct tier *most = NULL;
    *ret_amount = rat(r->s, 0);
    for (size_t i = 0; i < r->rule->n_tiers; i++) {
        const struct tier *tier = &r->rule->tiers[i];
        if (!tier_holds(tier, m))
            continue;
        mpq_srcptr amount = remedy_pays(r, m, &tier->pays, m->first).all;
        if (!most || mpq_cmp(amount, *ret_amount) > 0) {
            most = tier;
            *ret_amount = amount;
        }
    }
    return most;
}

const struct tier *tiered_tier(struct rating *r, const struct measured *m)
{
    mpq_srcptr amount;
    return choose(r, m, &amount);
}

mpq_srcptr tiered_amount(struct rating *r, const struct measured *m)
{
    mpq_srcptr amount;
    choose(r, m, &amount);
    return amount;
}
