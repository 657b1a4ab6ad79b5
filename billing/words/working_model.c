/* The sentences of tiers and steps. */
#include <string.h>

#include "billing/words/working_numbers.h"
#include "core/json.h"
#include "templates/label.h"

static const char *pay(const struct words_working *w, const json_t *part, const json_t *pays)
{
    const char *percent = json_get_text(pays, "percent"), *days = json_get_text(pays, "days");
    const char *hours = json_get_text(pays, "hours");
    const char *price = working_money(w, json_get_int(pays, "price_minor"));
    if (percent)
        return working_say(w, "pay_percent",
            json_pack("{s:s, s:s}", "percent", working_number(w, percent), "price",
                working_exact(w, json_get_word(part, "worth"))));
    if (days)
        return working_say(w, "pay_days",
            json_pack("{s:s, s:s, s:I}", "days", working_number(w, days), "price", price, "dates",
                (json_int_t)json_get_int(pays, "dates")));
    if (hours)
        return working_say(w, "pay_hours",
            json_pack("{s:s, s:s, s:s}", "hours", working_number(w, hours), "price", price,
                "seconds", working_decimal(w, json_get_word(pays, "seconds"))));
    return working_exact(w, json_get_word(pays, "amount"));
}

/* What a tier or a step pays: "10 % × 99.00 EUR = 9.90 EUR". */
static const char *pays(const struct words_working *w, const json_t *part, const json_t *row)
{
    const char *gives = working_exact(w, json_get_word(row, "gives"));
    const json_t *list = json_object_get(row, "pays");
    const char *text = "";
    json_t *one;
    size_t i;
    json_array_foreach((json_t *)list, i, one) text =
        scope_printf(w->s, "%s%s%s", text, i ? "; " : "", pay(w, part, one));
    if (!json_array_size(list))
        return gives;
    if (json_array_size(list) == 1 && json_get_text(json_array_get(list, 0), "amount"))
        return gives;
    if (json_array_size(list) > 1)
        text =
            working_say(w, json_is_true(json_object_get(row, "sum")) ? "pay_sum" : "pay_greatest",
                json_pack("{s:s}", "list", text));
    return scope_printf(w->s, "%s = %s", text, gives);
}

static bool asks(const json_t *rows)
{
    json_t *row, *one;
    size_t i, j;
    json_array_foreach((json_t *)rows, i, row)
    {
        if (asks(json_object_get(row, "steps")))
            return true;
        json_array_foreach(
            json_object_get(row, "pays"), j, one) if (json_get_text(one, "percent")) return true;
    }
    return false;
}

bool working_asks_worth(const json_t *part)
{
    return asks(json_object_get(part, "tiers")) || asks(json_object_get(part, "units"));
}

void working_tiers(const struct words_working *w, const json_t *part, json_t *list)
{
    struct policy_words p = {.s = w->s, .locale = w->locale};
    json_t *tier;
    size_t i;
    json_array_foreach(json_object_get(part, "tiers"), i, tier)
    {
        if (w->brief && !json_is_true(json_object_get(tier, "paid")))
            continue;
        const char *uptime = json_get_text(tier, "uptime_below");
        const char *down = json_get_text(tier, "down_from_seconds");
        const char *label = json_is_true(json_object_get(tier, "paid"))    ? "tier_paid"
                            : json_is_true(json_object_get(tier, "holds")) ? "tier_holds"
                                                                           : "tier_not";
        const char *when =
            uptime
                ? say(&p, "tier_uptime", json_pack("{s:s}", "percent", working_number(w, uptime)))
                : working_say(w, "tier_down", json_pack("{s:s}", "seconds", down ? down : ""));
        add(list, working_say(w, label,
                      json_pack("{s:s, s:s}", "when", when, "pays", pays(w, part, tier))));
    }
}

static void put_unit(
    const struct words_working *w, const json_t *part, const json_t *units, json_t *list)
{
    const char *unit = json_get_text(part, "unit_seconds"), *ref = json_get_text(units, "incident");
    bool complete = !strcmp(json_get_word(part, "partial"), "complete");
    const char *label = !unit ? "units_dates" : complete ? "units_complete" : "units_started";
    json_t *step;
    size_t i;
    add(list, working_say(w, label,
                  json_pack("{s:s, s:s, s:s, s:s}", "incident",
                      ref ? scope_printf(w->s, "%s: ", working_title(w, ref)) : "", "units",
                      json_get_word(units, "units"), "down",
                      working_decimal(w, json_get_word(units, "down_seconds")), "unit",
                      unit ? working_decimal(w, unit) : "")));
    json_array_foreach(json_object_get(units, "steps"), i, step) add(
        list, working_say(w, "step",
                  json_pack("{s:I, s:s, s:s}", "from", (json_int_t)json_get_int(step, "from_unit"),
                      "units", json_get_word(step, "units"), "pays", pays(w, part, step))));
}

void working_units(const struct words_working *w, const json_t *part, json_t *list)
{
    json_t *units;
    size_t i;
    json_array_foreach(json_object_get(part, "units"), i, units) put_unit(w, part, units, list);
}
