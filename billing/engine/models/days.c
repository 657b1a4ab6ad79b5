/* days and fixed: moments that are paid for, each in the window that holds it. */
#include "billing/engine/number/calendar.h"
#include "billing/engine/number/dates.h"
#include "billing/engine/models/model.h"
#include "billing/engine/weight/weight.h"

static void add(struct base *base, struct moments *moments, struct moment moment)
{
    moment.piece = timeline_at(&base->timeline, moment.at);
    if (moment.piece)
        moments->at[moments->n++] = moment;
}

/* For all: an account that was not hit takes the earliest start of the outages. */
static int64_t outage_start(const struct incidents *incidents)
{
    int64_t start = INT64_MAX;
    for (size_t i = 0; i < incidents->n; i++) {
        for (size_t j = 0; j < incidents->at[i]->n_impacts; j++) {
            const struct impact *m = &incidents->at[i]->impacts[j];
            if (m->level != LEVEL_MAINTENANCE && m->from < m->to && m->from < start)
                start = m->from;
        }
    }
    return start;
}

static struct moment moment_of(
    struct rating *r, struct base *base, const struct incidents *incidents, struct spans *ret_spans)
{
    *ret_spans = weight_of(r, base, incidents).amount;
    struct moment moment = {
        .at = spans_first(ret_spans), .day = DAY_NEVER, .hit = ret_spans->n > 0};
    if (!moment.hit && r->rule->audience_all)
        moment.at = outage_start(incidents);
    return moment;
}

static bool is_paid(const struct rating *r, int64_t day)
{
    for (size_t i = 0; i < r->held->n; i++) {
        const struct held_line *line = &r->held->at[i];
        for (size_t j = 0; line->same && !line->family && j < line->n_days; j++) {
            if (line->days[j] == day)
                return true;
        }
    }
    return false;
}

static struct moments affected_days(
    struct rating *r, struct base *base, const struct moment *moment, const struct spans *spans)
{
    const struct zone *zone = r->account->zone;
    int64_t start = zone_day(zone, moment->at);
    struct days days = {.at = &start, .n = 1};
    if (moment->hit)
        days = dates_hit(r->s, zone, spans, false, INT64_MIN, INT64_MAX);
    struct moments found = {.at = SCOPE_ARRAY(r->s, struct moment, days.n)};
    for (size_t i = 0; i < days.n; i++) {
        struct moment one = {
            .at = zone_midnight(zone, days.at[i]), .day = days.at[i], .hit = moment->hit};
        if (!is_paid(r, one.day))
            add(base, &found, one);
    }
    return found;
}

static struct moments per_incident(struct rating *r, struct base *base)
{
    struct moments found = {.at = SCOPE_ARRAY(r->s, struct moment, r->own.n)};
    for (size_t i = 0; i < r->own.n; i++) {
        struct spans spans;
        struct moment one =
            moment_of(r, base, &(struct incidents){.at = &r->own.at[i], .n = 1}, &spans);
        one.incident = r->own.at[i]->ref;
        if (one.at != INT64_MAX)
            add(base, &found, one);
    }
    return found;
}

struct moments days_moments(struct rating *r, struct base *base)
{
    bool days = r->rule->model == MODEL_DAYS;
    if (days && r->rule->per == PER_INCIDENT)
        return per_incident(r, base);
    struct spans spans;
    struct moment one = moment_of(r, base, &r->own, &spans);
    struct moments found = {.at = SCOPE_ARRAY(r->s, struct moment, 1)};
    if (one.at == INT64_MAX)
        return found;
    if (days && r->rule->per == PER_AFFECTED_DAY)
        return affected_days(r, base, &one, &spans);
    add(base, &found, one);
    return found;
}

mpq_srcptr days_amount(struct rating *r, const struct moments *moments, const struct window *window)
{
    struct scope *s = r->s;
    mpq_srcptr sum = rat(s, 0);
    for (size_t i = 0; i < moments->n; i++) {
        const struct moment *one = &moments->at[i];
        if (one->at >= window->from && one->at < window->to)
            sum = rat_add(s, sum, rat_of(s, one->piece->price, one->piece->dates));
    }
    return rat_mul(s, r->rule->days, sum);
}

mpq_srcptr fixed_amount(
    struct rating *r, const struct moments *moments, const struct window *window)
{
    const int64_t *minor =
        amounts_of(&r->rule->amounts, rule_currency(r->rule, r->account->currency));
    bool here = moments->n && moments->at[0].at >= window->from && moments->at[0].at < window->to;
    return rat(r->s, here && minor ? *minor : 0);
}
