/* What a tier or a step pays: percent, days, hours and amounts; the greatest or their sum. */
#include "billing/engine/models/model.h"
#include "core/clock.h"

#define HOUR_US (3600 * CLOCK_SECOND)

struct paid remedy_pays(
    struct rating *r, const struct measured *m, const struct remedy *remedy, int64_t first)
{
    struct scope *s = r->s;
    const struct piece *piece = first == INT64_MAX ? NULL : timeline_at(&m->base->timeline, first);
    const int64_t *minor =
        amounts_of(&remedy->amounts, rule_currency(r->rule, r->account->currency));
    struct paid paid = {.all = rat(s, 0), .piece = piece};
    if (remedy->percent)
        paid.by[PAYS_PERCENT] = rat_over(s, rat_mul(s, remedy->percent, m->worth), 100);
    if (remedy->days && piece)
        paid.by[PAYS_DAYS] = rat_mul(s, remedy->days, rat_of(s, piece->price, piece->dates));
    if (remedy->hours && piece)
        paid.by[PAYS_HOURS] = rat_mul(
            s, remedy->hours, rat_mul(s, rat(s, piece->price), rat_of(s, HOUR_US, piece->length)));
    if (minor)
        paid.by[PAYS_AMOUNTS] = rat(s, *minor);
    for (size_t i = 0; i < PAYS; i++) {
        if (paid.by[i])
            paid.all =
                remedy->sum ? rat_add(s, paid.all, paid.by[i]) : rat_max(paid.all, paid.by[i]);
    }
    return paid;
}
