/* What a tier or a step pays: percent, days, hours and amounts; the greatest or their sum. */
#include "billing/engine/models/model.h"
#include "core/clock.h"

#define HOUR_US (3600 * CLOCK_SECOND)

void remedy_parts(struct rating *r, const struct base *base, const struct remedy *remedy,
    const struct window *window, int64_t first, mpq_srcptr ret[PAYS])
{
    struct scope *s = r->s;
    const struct piece *piece = first == INT64_MAX ? NULL : timeline_at(&base->timeline, first);
    const int64_t *minor =
        amounts_of(&remedy->amounts, rule_currency(r->rule, r->account->currency));
    for (size_t i = 0; i < PAYS; i++)
        ret[i] = NULL;
    if (remedy->percent)
        ret[PAYS_PERCENT] =
            rat_over(s, rat_mul(s, remedy->percent, window_worth(s, &base->timeline, window)), 100);
    if (remedy->days && piece)
        ret[PAYS_DAYS] = rat_mul(s, remedy->days, rat_of(s, piece->price, piece->dates));
    if (remedy->hours && piece)
        ret[PAYS_HOURS] = rat_mul(
            s, remedy->hours, rat_mul(s, rat(s, piece->price), rat_of(s, HOUR_US, piece->length)));
    if (minor)
        ret[PAYS_AMOUNTS] = rat(s, *minor);
}

mpq_srcptr remedy_amount(struct rating *r, const struct base *base, const struct remedy *remedy,
    const struct window *window, int64_t first)
{
    mpq_srcptr parts[PAYS], all = rat(r->s, 0);
    remedy_parts(r, base, remedy, window, first, parts);
    for (size_t i = 0; i < PAYS; i++) {
        if (parts[i])
            all = remedy->sum ? rat_add(r->s, all, parts[i]) : rat_max(all, parts[i]);
    }
    return all;
}
