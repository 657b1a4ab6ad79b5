/* Grace: what an incident has before its start and a while does not count. */
#include <string.h>

#include "billing/engine/number/calendar.h"
#include "billing/engine/weight/weight.h"
#include "billing/engine/price/windows.h"

/* The report of the account, the incident's, or none. */
static int64_t reported_at(const struct rating *r, const struct incident *incident)
{
    for (size_t i = 0; i < incident->n_reports; i++) {
        if (!strcmp(incident->reports[i].account, r->account->id))
            return incident->reports[i].at;
    }
    return incident->reported_at;
}

bool grace_counts(const struct grace *grace, const struct zone *zone, int64_t day)
{
    if (zone_midnight(zone, day) == zone_midnight(zone, day + 1))
        return false; /* a date that the clocks skipped */
    for (size_t i = 0; i < grace->n_holidays; i++) {
        if (grace->holidays[i] == day)
            return false;
    }
    return !(grace->weekend >> day_weekday(day) & 1U);
}

int64_t grace_begins(const struct rating *r, const struct incident *incident, int64_t first)
{
    int64_t report = r->rule->grace.from_report ? reported_at(r, incident) : SHAPE_NONE;
    return report == SHAPE_NONE ? first : report;
}

int64_t grace_ends(const struct rating *r, int64_t start)
{
    const struct grace *grace = &r->rule->grace;
    if (!grace->working_days)
        return start + grace->us;
    const struct zone *zone = window_zone(r->rule, r->account);
    int64_t day = zone_day(zone, start);
    for (int64_t left = grace->working_days; left > 0;)
        left -= grace_counts(grace, zone, ++day);
    return zone_midnight(zone, day + 1);
}
