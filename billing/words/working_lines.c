#include "billing/words/working.h"

#include <string.h>

#include "billing/words/working_numbers.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

static void put(const struct words_working *w, json_t *list, const char *label, json_t *values)
{
    add(list, working_say(w, label, values));
}

/* "Storage: ", or nothing. */
static const char *product(const struct words_working *w, const json_t *of)
{
    const char *name = json_get_text(of, "product");
    return name ? scope_printf(w->s, "%s: ", name) : "";
}

static void put_prices(const struct words_working *w, json_t *list)
{
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(w->explain, "prices"), i, one)
    {
        const char *label = json_get_int(one, "months") == 12 ? "price_year" : "price_month";
        int64_t length = working_instant(one, "to") - working_instant(one, "from");
        put(w, list, label,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "product", product(w, one), "price",
                working_money(w, json_get_int(one, "price_minor")), "from",
                working_local(w, one, "from"), "to", working_local(w, one, "to"), "length",
                working_seconds(w, length), "dates", (json_int_t)json_get_int(one, "period_dates"),
                "seconds", working_decimal(w, json_get_word(one, "period_seconds"))));
    }
}

/* Whether a brief calculation has said enough of a list. */
static bool is_cut(const struct words_working *w, json_t *list, const json_t *of, size_t i)
{
    enum { BRIEF = 6 };
    size_t n = json_array_size(of);
    if (!w->brief || i < BRIEF || n == BRIEF + 1)
        return false;
    put(w, list, "more", json_pack("{s:I}", "n", (json_int_t)(n - i)));
    return true;
}

static bool continues(const json_t *one, const json_t *next)
{
    static const char *const same[] = {
        "weight_bp", "weight", "price_minor", "period_seconds", NULL};
    for (const char *const *name = same; *name; name++)
        if (!json_equal(json_object_get(one, *name), json_object_get(next, *name)) &&
            (json_object_get(one, *name) || json_object_get(next, *name)))
            return false;
    return !strcmp(json_get_word(one, "to"), json_get_word(next, "from"));
}

/* Windows of a part: those without a gap and of the same weight and price are one. */
static json_t *windows_of(const struct words_working *w, const json_t *part)
{
    json_t *cut = working_of_part(json_object_get(w->explain, "windows"), part);
    json_t *list = json_own(w->s, json_array()), *one;
    size_t i;
    json_array_foreach(cut, i, one)
    {
        json_t *last = json_array_get(list, json_array_size(list) - 1);
        if (last && continues(last, one))
            json_object_set(last, "to", json_object_get(one, "to"));
        else
            json_array_append_new(list, json_copy(one));
    }
    json_decref(cut);
    return list;
}

/* The window whose price and billing period all have: a brief calculation sums their seconds. NULL:
 * they differ, or some time is allowed. */
static const json_t *price_of_all(
    const struct words_working *w, const json_t *part, json_t *windows)
{
    const json_t *first = json_array_get(windows, 0);
    json_t *one;
    size_t i;
    if (!w->brief || json_get_text(part, "allowed_seconds"))
        return NULL;
    json_array_foreach(windows, i, one)
    {
        if (json_get_int(one, "price_minor") != json_get_int(first, "price_minor") ||
            strcmp(json_get_word(one, "period_seconds"), json_get_word(first, "period_seconds")) !=
                0)
            return NULL;
    }
    return first;
}

/* prorata: the money of each stretch; else its seconds. */
static void put_windows(const struct words_working *w, const json_t *part, json_t *list)
{
    json_t *windows = windows_of(w, part), *one;
    bool money = json_get_text(w->explain, "multiplier") && !price_of_all(w, part, windows);
    const char *label = w->brief ? money ? "brief_money" : "brief_time"
                        : money  ? "time_money"
                                 : "time";
    size_t i;
    json_array_foreach(windows, i, one)
    {
        if (is_cut(w, list, windows, i))
            break;
        const char *exact = json_get_text(one, "weight");
        const char *weight =
            exact ? exact : scope_printf(w->s, "%lld", (long long)json_get_int(one, "weight_bp"));
        const char *minor = scope_printf(w->s, "%lld", (long long)json_get_int(one, "price_minor"));
        const char *period = json_get_word(one, "period_seconds");
        int64_t from = working_instant(one, "from"), to = working_instant(one, "to");
        const char *seconds = working_ratio(w, to - from, CLOCK_SECOND);
        const char *counted = working_product(w, seconds, weight, "10000");
        put(w, list, label,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "from",
                working_local(w, one, "from"), "to", working_local(w, one, "to"), "span",
                label_times(w->s, w->locale, from, to, w->timezone), "seconds",
                working_decimal(w, seconds), "percent", working_hundredth(w, weight), "price",
                working_money(w, json_get_int(one, "price_minor")), "period",
                working_decimal(w, period), "counted", working_decimal(w, counted), "amount",
                working_exact(w, working_product(w, counted, minor, period))));
    }
}

/* days: the moments that are paid for. */
static void put_moments(const struct words_working *w, const json_t *part, json_t *list)
{
    const char *days = json_get_text(w->explain, "days");
    json_t *of_part = working_of_part(json_object_get(w->explain, "claims"), part), *one;
    size_t i;
    json_array_foreach(of_part, i, one)
    {
        const char *day = json_get_text(one, "day");
        const char *dates = scope_printf(w->s, "%lld", (long long)json_get_int(one, "dates"));
        const char *minor = scope_printf(w->s, "%lld", (long long)json_get_int(one, "price_minor"));
        if (is_cut(w, list, of_part, i))
            break;
        if (days)
            put(w, list, "moment",
                json_pack("{s:s, s:s, s:s, s:s, s:s}", "at",
                    day ? day : working_local(w, one, "at"), "days", working_number(w, days),
                    "price", working_money(w, json_get_int(one, "price_minor")), "dates", dates,
                    "amount", working_exact(w, working_product(w, days, minor, dates))));
    }
    json_decref(of_part);
}

static void put_requests(const struct words_working *w, const json_t *part, json_t *list)
{
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(part, "requests"), i, one) put(w, list, "failed",
        json_pack("{s:s, s:I, s:I}", "at", working_local(w, one, "at"), "bad",
            (json_int_t)json_get_int(one, "bad"), "total", (json_int_t)json_get_int(one, "total")));
}

static void put_measured(const struct words_working *w, const json_t *part, json_t *list)
{
    const char *uptime = json_get_text(part, "uptime"),
               *below = json_get_text(part, "below_percent");
    const char *gate = json_get_text(part, "uptime_below");
    const char *intervals = json_get_text(part, "intervals");
    const char *label = intervals ? "requests" : uptime ? "down" : "down_only";
    if (w->brief && !below && !json_array_size(json_object_get(part, "tiers")))
        return;
    put(w, list, label,
        json_pack("{s:s, s:s, s:s, s:s}", "down",
            working_decimal(w, json_get_word(part, "down_seconds")), "entitled",
            working_decimal(w, json_get_word(part, "entitled_seconds")), "intervals",
            intervals ? intervals : "", "uptime", uptime ? working_decimal(w, uptime) : ""));
    if (gate)
        put(w, list, "down_below",
            json_pack("{s:s, s:s, s:s}", "down",
                working_decimal(w, json_get_word(part, "down_below_seconds")), "entitled",
                working_decimal(w, json_get_word(part, "entitled_seconds")), "uptime",
                working_decimal(w, gate)));
    if (below && !w->brief)
        put(w, list, json_is_true(json_object_get(part, "below")) ? "gate_open" : "gate_closed",
            json_pack("{s:s, s:s}", "percent", working_number(w, below), "uptime",
                working_decimal(w, gate     ? gate
                                   : uptime ? uptime
                                            : "0")));
}

static void put_model(const struct words_working *w, const json_t *part, json_t *list)
{
    const char *multiplier = json_get_text(w->explain, "multiplier");
    const char *allowed = json_get_text(part, "allowed_seconds");
    const char *down = working_decimal(w, json_get_word(part, "down_seconds"));
    const char *seconds = allowed ? working_decimal(w, allowed) : "";
    const json_t *one_price = price_of_all(w, part, windows_of(w, part));
    if (allowed)
        put(w, list, "allowed",
            json_pack("{s:s, s:s, s:s}", "seconds", seconds, "below",
                working_number(w, json_get_word(part, "below_percent")), "entitled",
                working_decimal(w, json_get_word(part, "entitled_seconds"))));
    if (multiplier && one_price)
        add(list, scope_printf(w->s, "%s × %s s × %s / %s s = %s", working_number(w, multiplier),
                      down, working_money(w, json_get_int(one_price, "price_minor")),
                      working_decimal(w, json_get_word(one_price, "period_seconds")),
                      working_exact(w, json_get_word(part, "owed"))));
    else if (multiplier)
        put(w, list, allowed ? "prorata_beyond" : "prorata",
            json_pack("{s:s, s:s, s:s, s:s}", "multiplier", working_number(w, multiplier), "down",
                down, "allowed", seconds, "amount", working_exact(w, json_get_word(part, "owed"))));
    working_tiers(w, part, list);
    working_units(w, part, list);
    if (!strcmp(json_get_word(w->explain, "model"), "fixed"))
        put(w, list, "fixed",
            json_pack("{s:s}", "amount", working_exact(w, json_get_word(part, "owed"))));
}

/* Whether the cap of the line refers to the price of its window. */
static bool caps_ask_worth(const struct words_working *w)
{
    json_t *step;
    size_t i;
    json_array_foreach(json_object_get(w->explain, "steps"), i, step)
    {
        if (!strcmp(json_get_word(step, "of"), "window"))
            return true;
    }
    return false;
}

static void put_worth(const struct words_working *w, const json_t *part, json_t *list)
{
    const json_t *period = json_object_get(w->explain, "period");
    json_t *prices = working_of_part(json_object_get(w->explain, "prices"), part);
    const char *mean =
        working_mean(w, prices, json_get_int(period, "months"), json_get_word(period, "seconds"));
    json_decref(prices);
    put(w, list, mean ? "worth_mean" : "worth",
        json_pack("{s:s, s:s}", "sum", mean ? mean : "", "amount",
            working_exact(w, json_get_word(part, "worth"))));
}

static void put_part(const struct words_working *w, const json_t *part, json_t *list)
{
    const char *name = json_get_text(part, "product");
    const char *model = json_get_word(w->explain, "model");
    bool moments = !strcmp(model, "days") || !strcmp(model, "fixed");
    if (name && !strcmp(json_get_word(part, "entitled_seconds"), "0")) {
        put(w, list, "part_idle", json_pack("{s:s}", "product", name));
        return;
    }
    if (name)
        put(w, list, "part", json_pack("{s:s}", "product", name));
    if (!w->brief && (working_asks_worth(part) || caps_ask_worth(w)))
        put_worth(w, part, list);
    if (!w->brief)
        working_counting(w, part, list);
    put_windows(w, part, list);
    if (!w->brief)
        put_requests(w, part, list);
    if (!moments || json_get_text(part, "below_percent"))
        put_measured(w, part, list);
    put_model(w, part, list);
    put_moments(w, part, list);
}

static void put_parts(const struct words_working *w, json_t *list)
{
    const json_t *parts = json_object_get(w->explain, "parts");
    json_t *part;
    size_t i;
    json_array_foreach(parts, i, part)
    {
        put_part(w, part, list);
        if (json_array_size(parts) > 1 && strcmp(json_get_word(part, "entitled_seconds"), "0") != 0)
            put(w, list, "owed",
                json_pack("{s:s}", "amount", working_exact(w, json_get_word(part, "owed"))));
    }
}

static void put_period(const struct words_working *in, json_t *list)
{
    const json_t *period = json_object_get(in->explain, "period");
    const json_t *whole = json_object_get(period, "whole");
    put(in, list, "period",
        json_pack("{s:s, s:s, s:s, s:I, s:s}", "from", json_get_word(period, "from"), "to",
            json_get_word(period, "to"), "zone", in->timezone, "dates",
            (json_int_t)json_get_int(period, "dates"), "seconds",
            working_decimal(in, json_get_word(period, "seconds"))));
    if (whole)
        put(in, list, "whole",
            json_pack("{s:s, s:s}", "from", json_get_word(whole, "from"), "to",
                json_get_word(whole, "to")));
}

json_t *words_working(const struct words_working *in)
{
    json_t *list = json_array();
    if (!json_array_size(json_object_get(in->explain, "parts")))
        return list;
    if (!in->brief) {
        put_period(in, list);
        put_prices(in, list);
    }
    put_parts(in, list);
    working_amount(in, list);
    return list;
}

json_t *words_impacts(const struct words_working *in)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(json_object_get(in->explain, "impacts"), i, one)
    {
        const char *slug = json_get_word(one, "component");
        const char *name = in->names ? json_get_text(in->names, slug) : NULL;
        int64_t length = working_instant(one, "to") - working_instant(one, "from");
        put(in, list, "impact",
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "incident",
                working_title(in, json_get_word(one, "incident")), "component", name ? name : slug,
                "level", label_text(in->s, in->locale, "level", json_get_word(one, "level")),
                "from", working_local(in, one, "from"), "to", working_local(in, one, "to"),
                "seconds", working_seconds(in, length), "percent",
                working_hundredth(
                    in, scope_printf(in->s, "%lld", (long long)json_get_int(one, "weight_bp")))));
    }
    return list;
}
