#pragma once
/* The windows over which a policy measures: billing periods, or calendar months, quarters and
 * years. A line belongs to one. */
#include "billing/engine/evidence/evidence.h"
#include "billing/engine/price/timeline.h"

struct window {
    int64_t from_day, to_day;
    int64_t from, to;
    int months;                           /* of a calendar window; 0: a billing period */
    int64_t whole_from, whole_to, length; /* of the billing period before its term cut it */
    int interval;                         /* of the billing period, in months */
};

struct windows {
    struct window *at;
    size_t n;
};

/* Those that touch [from, to), by time. */
struct windows windows_between(struct scope *s, const struct rule *rule,
    const struct account *account, int64_t from, int64_t to);

/* The calendar year in which a window begins. */
struct window window_year(
    const struct rule *rule, const struct account *account, const struct window *window);

/* price(M) */
mpq_srcptr window_worth(
    struct scope *s, const struct timeline *timeline, const struct window *window);

/* The zone of windows, claims, grace and local dates. */
const struct zone *window_zone(const struct rule *rule, const struct account *account);

/* The window that a line of these dates has today, cut short by a later term or not. False: it is
 * none of the windows any more. */
bool window_of_line(struct scope *s, const struct rule *rule, const struct account *account,
    const struct held_line *line, struct window *ret);
