/* What a tier or a step pays: percent, days, hours and amounts; the greatest or their sum. */
#include "billing/engine/models/model.h"
#include "core/clock.h"

#define HOUR_US (3600 * CLOCK_SECOND)

mpq_srcptr remedy_amount(struct rating *r, const struct base *base, const struct remedy *remedy,
    const struct window *window, int64_t first)
{
    struct scope *s = r->s;
    mpq_srcptr zero = rat(s, 0), pays[4] = {zero, zero, zero, zero};
    const struct piece *piece = first == INT64_MAX ? NULL : timeline_at(&base->timeline, first);
    const int64_t *minor =
        amounts_of(&remedy->amounts, rule_currency(r->rule, r->account->currency));
    if (remedy->percent)
        pays[0] =
            rat_over(s, rat_mul(s, remedy->percent, window_worth(s, &base->timeline, window)), 100);
    if (remedy->days && piece)
        pays[1] = rat_mul(s, remedy->days, rat_of(s, piece->price, piece->dates));
    if (remedy->hours && piece)
        pays[2] = rat_mul(
            s, remedy->hours, rat_mul(s, rat(s, piece->price), rat_of(s, HOUR_US, piece->length)));
    if (minor)
        pays[3] = rat(s, *minor);
    mpq_srcptr all = zero;
    for (size_t i = 0; i < 4; i++)
        all = remedy->sum ? rat_add(s, all, pays[i]) : rat_max(all, pays[i]);
    return all;
}
