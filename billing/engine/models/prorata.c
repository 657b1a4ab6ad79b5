/* prorata: the money of the lost time, times a factor. */
#include "billing/engine/models/model.h"

/* Of the downtime only what is beyond the allowance. */
static mpq_srcptr beyond(struct rating *r, const struct measured *m, mpq_srcptr lost)
{
    struct scope *s = r->s;
    mpq_srcptr over = rat_sub(s, m->down, allowance(r, m));
    if (mpq_sgn(m->down) == 0 || mpq_sgn(over) <= 0)
        return rat(s, 0);
    return rat_mul(s, lost, rat_div(s, over, m->down));
}

mpq_srcptr prorata_amount(struct rating *r, const struct measured *m)
{
    mpq_srcptr lost = timeline_lost(r->s, &m->base->timeline, &m->weight.amount);
    if (r->rule->beyond && r->rule->below)
        lost = beyond(r, m, lost);
    return rat_mul(r->s, r->rule->multiplier, lost);
}
