#include "billing/liability/reason.h"

/* The same base in the same window; NULL: the window is not yet touched. */
static const struct reached *before_it(
    const struct credit *before, const struct reached *after, size_t nth)
{
    for (size_t i = 0; i < before->n_reached; i++) {
        if (before->reached[i].from_day == after->from_day && !nth--)
            return &before->reached[i];
    }
    return NULL;
}

/* Behind a gate that opens, the tier may have held before: the lower uptime is what is reached. */
static struct reason of_tier(const struct rule *rule, const struct reached *after, bool opens)
{
    struct reason reason = {0};
    if (after->tier)
        reason = (struct reason){
            .uptime_below = after->tier->uptime_below, .down_from = after->tier->down_from};
    if (opens && (!reason.uptime_below || mpq_cmp(rule->below, reason.uptime_below) < 0))
        reason = (struct reason){.uptime_below = rule->below};
    return reason;
}

struct reason reason_of(
    const struct rule *rule, const struct credit *before, const struct credit *after)
{
    static const struct reached nothing;
    size_t nth = 0;
    for (size_t i = 0; i < after->n_reached; i++) {
        const struct reached *now = &after->reached[i];
        nth = i && now->from_day == after->reached[i - 1].from_day ? nth + 1 : 0;
        const struct reached *was = before_it(before, now, nth);
        was = was ? was : &nothing;
        bool opens = rule->below && now->open && !was->open;
        if (opens || (now->tier && now->tier != was->tier))
            return of_tier(rule, now, opens);
        if (now->units > was->units)
            return (struct reason){.units = now->units};
    }
    return (struct reason){0};
}

static int order(mpq_srcptr a, mpq_srcptr b)
{
    return a && b ? mpq_cmp(a, b) : (a != NULL) - (b != NULL);
}

int reason_order(const struct reason *a, const struct reason *b)
{
    int by = order(a->uptime_below, b->uptime_below);
    by = by ? by : order(a->down_from, b->down_from);
    return by ? by : (a->units > b->units) - (a->units < b->units);
}

/* "99.9"; where a decimal does not end, the ratio. */
static const char *number(struct scope *s, mpq_srcptr value)
{
    const char *decimal = rat_decimal(s, value, 30);
    mpq_srcptr same;
    return rat_parse(s, decimal, &same) && mpq_equal(same, value) ? decimal : rat_text(s, value);
}

void reason_put(struct scope *s, const struct reason *reason, json_t *object)
{
    if (reason->uptime_below)
        json_object_set_new(object, "uptime_below", json_string(number(s, reason->uptime_below)));
    if (reason->down_from)
        json_object_set_new(object, "down_from_seconds", json_string(number(s, reason->down_from)));
    if (reason->units)
        json_object_set_new(object, "units", json_integer(reason->units));
}
