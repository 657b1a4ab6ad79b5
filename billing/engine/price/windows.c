#include "billing/engine/price/windows.h"

#include "billing/engine/number/calendar.h"
#include "billing/engine/price/terms.h"

const struct zone *window_zone(const struct rule *rule, const struct account *account)
{
    return rule->zone ? rule->zone : account->zone;
}

static struct windows billing_windows(
    struct scope *s, const struct account *account, int64_t from, int64_t to)
{
    struct periods periods = periods_between(s, account, from, to);
    struct windows found = {.at = SCOPE_ARRAY(s, struct window, periods.n), .n = periods.n};
    for (size_t i = 0; i < periods.n; i++) {
        const struct period *p = &periods.at[i];
        found.at[i] = (struct window){.from_day = p->from_day,
            .to_day = p->to_day,
            .from = p->from,
            .to = p->to,
            .whole_from = p->whole_from,
            .whole_to = p->whole_to,
            .length = p->length,
            .interval = p->months};
    }
    return found;
}

static struct window calendar_window(const struct zone *zone, int64_t day, int months)
{
    struct window w = {.months = months, .from_day = day_block(day, months)};
    w.to_day = day_add_months(w.from_day, months);
    w.from = zone_midnight(zone, w.from_day);
    w.to = zone_midnight(zone, w.to_day);
    w.whole_from = w.from_day;
    w.whole_to = w.to_day;
    w.length = w.to - w.from;
    return w;
}

struct windows windows_between(struct scope *s, const struct rule *rule,
    const struct account *account, int64_t from, int64_t to)
{
    if (rule->unit == UNIT_BILLING)
        return billing_windows(s, account, from, to);
    const struct zone *zone = window_zone(rule, account);
    int64_t first = zone_day(zone, from) - 1, last = zone_day(zone, to) + 1;
    struct windows found = {0};
    found.at = SCOPE_ARRAY(
        s, struct window, (size_t)day_months_between(first, last) / (size_t)rule->unit + 3);
    for (int64_t day = first; day <= last;) {
        struct window w = calendar_window(zone, day, (int)rule->unit);
        if (w.from < to && w.to > from)
            found.at[found.n++] = w;
        day = w.to_day;
    }
    return found;
}

struct window window_year(
    const struct rule *rule, const struct account *account, const struct window *window)
{
    return calendar_window(window_zone(rule, account), window->from_day, UNIT_YEAR);
}

mpq_srcptr window_worth(
    struct scope *s, const struct timeline *timeline, const struct window *window)
{
    return window->months ? timeline_months(s, timeline, window->from, window->to, window->months)
                          : timeline_money(s, timeline, window->from, window->to);
}

bool window_of_line(struct scope *s, const struct rule *rule, const struct account *account,
    const struct held_line *line, struct window *ret)
{
    int64_t at = zone_midnight(window_zone(rule, account), line->from);
    struct windows windows = windows_between(s, rule, account, at, at + 1);
    for (size_t i = 0; i < windows.n; i++) {
        const struct window *w = &windows.at[i];
        bool cut = w->to_day < line->to && w->to_day < w->whole_to && line->to <= w->whole_to;
        if (w->from_day != line->from || (w->to_day != line->to && !cut))
            continue;
        *ret = *w;
        return true;
    }
    return false;
}
