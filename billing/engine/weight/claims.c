#include "billing/engine/weight/claims.h"

#include <string.h>

#include "billing/engine/evidence/people.h"
#include "billing/engine/weight/weight.h"

/* Whether a claim of the account names the incident until the end of a date. */
static bool claimed_by(const struct rating *r, const struct incident *incident, int64_t day)
{
    const struct zone *zone = window_zone(r->rule, r->account);
    for (size_t i = 0; i < r->evidence->n_claims; i++) {
        const struct claim *claim = &r->evidence->claims[i];
        if (!strcmp(claim->account, r->account->id) &&
            texts_have(&claim->incidents, incident->ref) && zone_day(zone, claim->at) <= day)
            return true;
    }
    return false;
}

/* The date of the last outage second, whatever the component or weight. */
static int64_t last_day(const struct rating *r, const struct incident *incident)
{
    int64_t end = INT64_MIN;
    for (size_t i = 0; i < incident->n_impacts; i++) {
        const struct impact *m = &incident->impacts[i];
        if (m->level != LEVEL_MAINTENANCE && m->from < m->to && m->to > end)
            end = m->to;
    }
    return end == INT64_MIN ? INT64_MIN / 2 : zone_day(window_zone(r->rule, r->account), end - 1);
}

bool claim_counts(const struct rating *r, const struct incident *incident)
{
    if (!r->rule->claim || r->rule->claim_window_end)
        return true;
    return claimed_by(r, incident, last_day(r, incident) + r->rule->claim_days);
}

static bool hits(struct rating *r, const struct window *window, const struct incident *incident)
{
    for (size_t i = 0; i < r->n_bases; i++) {
        const struct spans *spans = weight_of_incident(r, &r->bases[i], incident);
        for (size_t j = 0; j < spans->n; j++) {
            if (spans->at[j].from < window->to && spans->at[j].to > window->from)
                return true;
        }
    }
    return false;
}

bool claim_opens(struct rating *r, const struct window *window, const struct incidents *incidents)
{
    if (!r->rule->claim || !r->rule->claim_window_end)
        return true;
    for (size_t i = 0; i < incidents->n; i++) {
        if (claimed_by(r, incidents->at[i], window->to_day - 1 + r->rule->claim_days) &&
            hits(r, window, incidents->at[i]))
            return true;
    }
    return false;
}
