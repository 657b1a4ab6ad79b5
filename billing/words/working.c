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

static int64_t instant(const json_t *of, const char *name)
{
    int64_t us = 0;
    clock_parse(json_get_word(of, name), &us);
    return us;
}

static const char *local(const struct words_working *w, const json_t *of, const char *name)
{
    return label_time(w->s, w->locale, instant(of, name), w->timezone);
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
        int64_t length = instant(one, "to") - instant(one, "from");
        put(w, list, label,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "product", product(w, one), "price",
                working_money(w, json_get_int(one, "price_minor")), "from", local(w, one, "from"),
                "to", local(w, one, "to"), "length", working_seconds(w, length), "dates",
                (json_int_t)json_get_int(one, "period_dates"), "seconds",
                working_decimal(w, json_get_word(one, "period_seconds"))));
    }
}

/* The seconds of the billing period whose price held at an instant. */
static const char *period_at(const struct words_working *w, const json_t *window)
{
    int64_t us = instant(window, "from");
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(w->explain, "prices"), i, one)
    {
        if (!strcmp(product(w, one), product(w, window)) && instant(one, "from") <= us &&
            us < instant(one, "to"))
            return working_decimal(w, json_get_word(one, "period_seconds"));
    }
    return "?";
}

static void put_windows(const struct words_working *w, json_t *list)
{
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(w->explain, "windows"), i, one)
    {
        const char *weight = json_get_text(one, "weight");
        const char *bp = scope_printf(w->s, "%lld", (long long)json_get_int(one, "weight_bp"));
        put(w, list, "time",
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "product", product(w, one), "from",
                local(w, one, "from"), "to", local(w, one, "to"), "seconds",
                working_decimal(w, json_get_word(one, "seconds")), "percent",
                working_hundredth(w, weight ? weight : bp), "price",
                working_money(w, json_get_int(one, "price_minor")), "period", period_at(w, one)));
    }
}

/* days: a moment that is paid for. */
static void put_moments(const struct words_working *w, json_t *list)
{
    const char *days = json_get_text(w->explain, "days");
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(w->explain, "claims"), i, one)
    {
        const char *day = json_get_text(one, "day");
        if (days)
            put(w, list, "moment",
                json_pack("{s:s, s:s, s:s, s:I}", "at", day ? day : local(w, one, "at"), "days",
                    working_number(w, days), "price",
                    working_money(w, json_get_int(one, "price_minor")), "dates",
                    (json_int_t)json_get_int(one, "dates")));
    }
}

static void put_measured(const struct words_working *w, const json_t *part, json_t *list)
{
    const char *uptime = json_get_text(part, "uptime"),
               *below = json_get_text(part, "below_percent");
    const char *gate = json_get_text(part, "uptime_below");
    const char *intervals = json_get_text(part, "intervals");
    const char *label = intervals ? "requests" : uptime ? "down" : "down_only";
    put(w, list, label,
        json_pack("{s:s, s:s, s:s, s:s}", "down",
            working_decimal(w, json_get_word(part, "down_seconds")), "entitled",
            working_decimal(w, json_get_word(part, "entitled_seconds")), "intervals",
            intervals ? intervals : "", "uptime", uptime ? working_decimal(w, uptime) : ""));
    if (below)
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
    if (allowed)
        put(w, list, "allowed", json_pack("{s:s}", "seconds", working_decimal(w, allowed)));
    if (multiplier)
        put(w, list, allowed ? "prorata_beyond" : "prorata",
            json_pack("{s:s, s:s}", "multiplier", working_number(w, multiplier), "amount",
                working_exact(w, json_get_word(part, "owed"))));
    if (!strcmp(json_get_word(w->explain, "model"), "fixed"))
        put(w, list, "fixed",
            json_pack("{s:s}", "amount", working_exact(w, json_get_word(part, "owed"))));
    working_tiers(w, part, list);
    working_units(w, part, list);
}

static void put_parts(const struct words_working *w, json_t *list)
{
    const json_t *parts = json_object_get(w->explain, "parts");
    json_t *part;
    size_t i;
    json_array_foreach(parts, i, part)
    {
        const char *name = json_get_text(part, "product");
        if (name)
            put(w, list, "part", json_pack("{s:s}", "product", name));
        if (working_asks_worth(part))
            put(w, list, "worth",
                json_pack("{s:s}", "amount", working_exact(w, json_get_word(part, "worth"))));
        put_measured(w, part, list);
        put_model(w, part, list);
        if (json_array_size(parts) > 1)
            put(w, list, "owed",
                json_pack("{s:s}", "amount", working_exact(w, json_get_word(part, "owed"))));
    }
}

json_t *words_working(const struct words_working *in)
{
    json_t *list = json_array();
    const json_t *period = json_object_get(in->explain, "period");
    const json_t *whole = json_object_get(period, "whole");
    if (!json_array_size(json_object_get(in->explain, "parts")))
        return list;
    put(in, list, "period",
        json_pack("{s:s, s:s, s:s, s:I, s:s}", "from", json_get_word(period, "from"), "to",
            json_get_word(period, "to"), "zone", in->timezone, "dates",
            (json_int_t)json_get_int(period, "dates"), "seconds",
            working_decimal(in, json_get_word(period, "seconds"))));
    if (whole)
        put(in, list, "whole",
            json_pack("{s:s, s:s}", "from", json_get_word(whole, "from"), "to",
                json_get_word(whole, "to")));
    put_prices(in, list);
    put_windows(in, list);
    put_parts(in, list);
    put_moments(in, list);
    working_amount(in, list);
    return list;
}
