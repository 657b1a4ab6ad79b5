#include "billing/engine/caps.h"

#include <string.h>

#include "billing/engine/weight/weight.h"
#include "core/clock.h"

enum { PREVIOUS_DAYS = 30 };
static const int64_t previous_us = PREVIOUS_DAYS * 86400 * CLOCK_SECOND;

/* The money that a cap refers to, and its local dates. */
static struct bound base_of(
    struct rating *r, const struct cap *cap, const struct window *window, int64_t first)
{
    struct window year = *window;
    if (cap->of == OF_PREVIOUS_30_DAYS) {
        bool known = first != INT64_MAX;
        int64_t to = known ? first : previous_us;
        return (struct bound){.by = cap,
            .dates = PREVIOUS_DAYS,
            .from = to - previous_us,
            .to = to,
            .base =
                known ? timeline_money(r->s, &r->timeline, to - previous_us, to) : rat(r->s, 0)};
    }
    if (cap->of == OF_YEAR)
        year = window_year(r->rule, r->account, window);
    return (struct bound){.by = cap,
        .dates = year.to_day - year.from_day,
        .from = year.from,
        .to = year.to,
        .months = year.months,
        .base = window_worth(r->s, &r->timeline, &year)};
}

/* value NULL: the currency is not named, no bound. */
static struct bound bound_by(
    struct rating *r, const struct cap *cap, const struct window *window, int64_t first)
{
    const int64_t *minor = amounts_of(&cap->amounts, rule_currency(r->rule, r->account->currency));
    if (cap->amounts.n)
        return (struct bound){.by = cap, .value = minor ? rat(r->s, *minor) : NULL};
    struct bound bound = base_of(r, cap, window, first);
    bound.value = cap->percent ? rat_over(r->s, rat_mul(r->s, cap->percent, bound.base), 100)
                               : rat_over(r->s, rat_mul(r->s, cap->days, bound.base), bound.dates);
    return bound;
}

static bool has_caps(const struct rule *rule, enum per per)
{
    for (size_t i = 0; i < rule->n_caps; i++) {
        if (rule->caps[i].per == per)
            return true;
    }
    return false;
}

/* The least cap of an incident whose first instant is given; value NULL: none. */
static struct bound incident_cap(struct rating *r, int64_t first)
{
    struct bound least = {0};
    struct windows windows = windows_between(r->s, r->rule, r->account, first, first + 1);
    for (size_t i = 0; windows.n && i < r->rule->n_caps; i++) {
        const struct cap *cap = &r->rule->caps[i];
        if (cap->per != PER_INCIDENT)
            continue;
        struct bound bound = bound_by(r, cap, &windows.at[0], first);
        if (bound.value && (!least.value || mpq_cmp(bound.value, least.value) < 0))
            least = bound;
    }
    return least;
}

/* First and last instant of an incident alone, over all bases. */
static void reach_of(
    struct rating *r, const struct incidents *alone, int64_t *ret_first, int64_t *ret_last)
{
    *ret_first = INT64_MAX;
    *ret_last = INT64_MIN;
    for (size_t i = 0; i < r->n_bases; i++) {
        struct spans spans = weight_of(r, &r->bases[i], alone).amount;
        if (!spans.n)
            continue;
        *ret_first = spans.at[0].from < *ret_first ? spans.at[0].from : *ret_first;
        *ret_last = spans.at[spans.n - 1].to > *ret_last ? spans.at[spans.n - 1].to : *ret_last;
    }
}

/* What an incident alone gets in each window: its cap is used up in their order. */
static void share_out(struct rating *r, const struct incidents *alone, struct capped *ret)
{
    int64_t first, last;
    reach_of(r, alone, &first, &last);
    if (first == INT64_MAX)
        return;
    ret->first = first;
    ret->bound = incident_cap(r, first);
    ret->windows = windows_between(r->s, r->rule, r->account, first, last);
    ret->gives = SCOPE_ARRAY(r->s, mpq_srcptr, 3 * (ret->windows.n + 1));
    ret->used = ret->gives + ret->windows.n + 1;
    ret->gets = ret->used + ret->windows.n + 1;
    mpq_srcptr used = rat(r->s, 0), cap = ret->bound.value;
    for (size_t i = 0; i < ret->windows.n; i++) {
        mpq_srcptr gives = owed_without_gate(r, &ret->windows.at[i], alone);
        ret->gives[i] = gives;
        ret->used[i] = used;
        ret->gets[i] = cap ? rat_min(gives, rat_sub(r->s, cap, used)) : gives;
        used = rat_add(r->s, used, ret->gets[i]);
    }
}

static const struct capped *capped_of(struct rating *r, const struct incidents *alone)
{
    for (size_t i = 0; i < r->n_capped; i++) {
        if (r->capped[i].incident == alone->at[0])
            return &r->capped[i];
    }
    if (!r->capped)
        r->capped = SCOPE_ARRAY(r->s, struct capped, r->n_incidents);
    struct capped *one = &r->capped[r->n_capped++];
    one->incident = alone->at[0];
    one->first = INT64_MAX;
    share_out(r, alone, one);
    return one;
}

const struct capped *caps_of_incident(
    struct rating *r, const struct incident *incident, const struct window *window, size_t *ret_n)
{
    const struct capped *capped = capped_of(r, &(struct incidents){.at = &incident, .n = 1});
    *ret_n = SIZE_MAX;
    for (size_t i = 0; i < capped->windows.n; i++) {
        if (capped->windows.at[i].from_day == window->from_day)
            *ret_n = i;
    }
    return capped;
}

bool caps_are_per_incident(const struct rule *rule)
{
    bool cumulates = rule->model == MODEL_PRORATA || rule->model == MODEL_STEPS;
    return cumulates && has_caps(rule, PER_INCIDENT);
}

mpq_srcptr caps_per_incident(struct rating *r, const struct owed *owed)
{
    if (!caps_are_per_incident(r->rule))
        return NULL;
    mpq_srcptr sum = rat(r->s, 0);
    for (size_t i = 0; i < owed->incidents.n; i++) {
        size_t n;
        const struct capped *capped = caps_of_incident(r, owed->incidents.at[i], owed->window, &n);
        sum = n == SIZE_MAX ? sum : rat_add(r->s, sum, capped->gets[n]);
    }
    return sum;
}

/* Standing lines and this run's of the currency whose window begins within [from, to). */
static mpq_srcptr taken_between(
    struct rating *r, int64_t from, int64_t to, const struct credit_line *lines, size_t n_lines)
{
    const char *currency = rule_currency(r->rule, r->account->currency);
    mpq_ptr sum = rat_sum(r->s);
    for (size_t i = 0; i < r->held->n; i++) {
        const struct held_line *line = &r->held->at[i];
        if (line->start >= from && line->start < to && !strcmp(line->currency, currency))
            rat_grow(sum, line->minor, 1, 1, 1);
    }
    for (size_t i = 0; i < n_lines; i++) {
        if (lines[i].window.from >= from && lines[i].window.from < to)
            rat_grow(sum, lines[i].amount, 1, 1, 1);
    }
    return sum;
}

struct room caps_room(
    struct rating *r, const struct owed *owed, const struct credit_line *lines, size_t n_lines)
{
    struct room least = {0};
    struct window year = window_year(r->rule, r->account, owed->window);
    for (size_t i = 0; i < r->rule->n_caps; i++) {
        const struct cap *cap = &r->rule->caps[i];
        const struct window *whose = cap->per == PER_YEAR ? &year : owed->window;
        if (cap->per == PER_INCIDENT)
            continue;
        struct bound bound = bound_by(r, cap, owed->window, owed->first);
        if (!bound.value)
            continue;
        struct room room = {.bound = bound,
            .cap = rat_floor(r->s, bound.value),
            .taken = taken_between(r, whose->from, whose->to, lines, n_lines)};
        if (!least.cap ||
            mpq_cmp(rat_sub(r->s, room.cap, room.taken), rat_sub(r->s, least.cap, least.taken)) < 0)
            least = room;
    }
    return least;
}
