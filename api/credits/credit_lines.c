#include "api/credits/credit_lines.h"

#include <stdlib.h>
#include <string.h>

#include "billing/words/working.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static void put_money(const struct credit_lines *p, json_t *to, const char *name,
    const json_t *from, const char *member)
{
    int64_t minor = json_get_int(from, member);
    put(to, name, money_local(p->s, minor, p->currency, p->locale));
}

static const char *local(const struct credit_lines *p, const char *utc)
{
    int64_t us;
    return clock_parse(utc, &us) ? label_time(p->s, p->locale, us, p->timezone) : utc;
}

static const char *named(const json_t *names, const char *key)
{
    const char *name = names ? json_get_text(names, key) : NULL;
    return name ? name : key;
}

static json_t *window_of(const struct credit_lines *p, const json_t *window)
{
    int64_t from = 0, to = 0;
    json_t *one = json_object();
    clock_parse(json_get_word(window, "from"), &from);
    clock_parse(json_get_word(window, "to"), &to);
    put(one, "from", local(p, json_get_word(window, "from")));
    put(one, "to", local(p, json_get_word(window, "to")));
    put(one, "length", clock_span(p->s, to - from));
    json_object_set_new(one, "begins", json_integer(from));
    json_object_set_new(one, "ends", json_integer(to));
    json_int_t bp = json_get_int(window, "weight_bp");
    put(one, "percent", scope_printf(p->s, "%lld", (long long)bp / 100));
    return one;
}

static json_t *impact_of(const struct credit_lines *p, const json_t *impact)
{
    json_t *one = window_of(p, impact);
    const char *level = json_get_word(impact, "level");
    put(one, "component", named(p->names, json_get_word(impact, "component")));
    put(one, "level", level);
    put(one, "label", label_text(p->s, p->locale, "level", level));
    return one;
}

/* Where impacts overlap, the greatest weight counts. */
static json_t *windows_of(const struct credit_lines *p, const json_t *explain)
{
    json_t *list = json_array(), *window;
    size_t i;
    json_array_foreach(json_object_get(explain, "windows"), i, window)
        json_array_append_new(list, window_of(p, window));
    return list;
}

static json_t *incident_of(const struct credit_lines *p, json_t *list, const char *ref)
{
    json_t *one;
    size_t i;
    json_array_foreach(list, i, one) if (!strcmp(json_get_word(one, "ref"), ref)) return one;
    one = json_object();
    put(one, "ref", ref);
    put(one, "title", named(p->titles, ref));
    json_object_set_new(one, "impacts", json_array());
    json_array_append_new(list, one);
    return one;
}

/* The windows of an incident on one line of SPAN: x and width. */
static void put_spans(const json_t *impacts)
{
    enum { SPAN = 1000, LEAST = 8 };
    int64_t first = INT64_MAX, last = INT64_MIN;
    json_t *one;
    size_t i;
    json_array_foreach(impacts, i, one)
    {
        int64_t from = json_get_int(one, "begins"), to = json_get_int(one, "ends");
        first = from < first ? from : first;
        last = to > last ? to : last;
    }
    int64_t whole = last > first ? last - first : 1;
    json_array_foreach(impacts, i, one)
    {
        int64_t from = json_get_int(one, "begins") - first, to = json_get_int(one, "ends") - first;
        int64_t width = (to - from) * SPAN / whole;
        json_object_set_new(one, "x", json_integer(from * SPAN / whole));
        json_object_set_new(one, "width", json_integer(width < LEAST ? LEAST : width));
    }
}

/* The incidents that hit the account, each with its windows, as the run's evidence has them. */
static json_t *incidents_of(const struct credit_lines *p, const json_t *explain)
{
    json_t *list = json_array(), *impact;
    size_t i;
    json_array_foreach(json_object_get(explain, "impacts"), i, impact)
    {
        json_t *incident = incident_of(p, list, json_get_word(impact, "incident"));
        json_array_append_new(json_object_get(incident, "impacts"), impact_of(p, impact));
    }
    json_array_foreach(list, i, impact) put_spans(json_object_get(impact, "impacts"));
    return list;
}

/* The exact amount in units of the currency: minor "63.7096774193", exponent 2: "0.637096774193".
 */
static const char *exact_of(const struct credit_lines *p, const json_t *explain)
{
    const char *minor = json_get_word(json_object_get(explain, "exact"), "decimal");
    size_t whole = strcspn(minor, "."), exponent = (size_t)money_exponent(p->currency);
    if (!minor[0] || minor[0] == '-' || money_exponent(p->currency) < 0)
        return minor;
    const char *fraction = minor[whole] ? minor + whole + 1 : "";
    const char *digits = scope_printf(p->s, "%0*d%.*s", (int)exponent, 0, (int)whole, minor);
    size_t point = strlen(digits) - exponent, start = 0;
    while (start + 1 < point && digits[start] == '0')
        start++;
    char *text = scope_printf(
        p->s, "%.*s.%s%s", (int)(point - start), digits + start, digits + point, fraction);
    for (char *end = text + strlen(text); end[-1] == '0' || end[-1] == '.'; *end = '\0')
        if (*--end == '.') {
            *end = '\0';
            break;
        }
    return text;
}

static const char *span_of(const struct credit_lines *p, const char *seconds)
{
    return clock_span(p->s, strtoll(seconds, NULL, 10) * CLOCK_SECOND);
}

/* The model in use is an object with the values of its sentence; the other three are null. */
static void put_model(const struct credit_lines *p, const json_t *explain, json_t *line)
{
    static const char *const models[] = {"prorata", "tiered", "days", "fixed", NULL};
    const json_t *period = json_object_get(explain, "period");
    json_t *model = json_object();
    size_t claims = json_array_size(json_object_get(explain, "claims"));
    put(model, "multiplier", json_get_word(explain, "multiplier"));
    put(model, "down", span_of(p, json_get_word(explain, "weighted_seconds")));
    put(model, "down_seconds", json_get_word(explain, "weighted_seconds"));
    put(model, "seconds", json_get_word(period, "seconds"));
    put(model, "entitled_seconds", json_get_word(explain, "entitled_seconds"));
    put(model, "percent", json_get_word(explain, "percent"));
    put(model, "days", json_get_word(explain, "days"));
    put(model, "times", claims > 1 ? scope_printf(p->s, "%zu", claims) : NULL);
    json_int_t dates = json_get_int(period, "dates");
    put(model, "dates", scope_printf(p->s, "%lld", (long long)dates));
    for (size_t i = 0; models[i]; i++)
        json_object_set(line, models[i],
            strcmp(models[i], json_get_word(explain, "model")) ? json_null() : model);
    json_decref(model);
}

static json_t *line_of(const struct credit_lines *p, const json_t *explain)
{
    const json_t *period = json_object_get(explain, "period");
    json_t *line = json_object(), *prices = json_array(), *price;
    size_t i;
    put(line, "from", json_get_word(period, "from"));
    put(line, "to", json_get_word(period, "to"));
    json_t *whole = json_object_get(period, "whole");
    json_object_set(line, "whole", whole ? whole : json_null());
    put(line, "timezone", json_get_word(explain, "timezone"));
    json_array_foreach(json_object_get(explain, "prices"), i, price)
    {
        json_t *one = json_object();
        put_money(p, one, "amount", price, "price_minor");
        put(one, "from", local(p, json_get_word(price, "from")));
        json_array_append_new(prices, one);
    }
    json_object_set_new(line, "prices", prices);
    json_object_set_new(line, "incidents", p->bare ? json_array() : incidents_of(p, explain));
    json_object_set_new(line, "windows", windows_of(p, explain));
    json_object_set_new(line, "work",
        words_working(&(struct words_working){.s = p->s,
            .locale = p->locale,
            .currency = p->currency,
            .timezone = p->timezone,
            .explain = explain,
            .titles = p->titles}));
    put_model(p, explain, line);
    put(line, "exact", exact_of(p, explain));
    put(line, "currency", p->currency);
    put(line, "rounding",
        label_text(p->s, p->locale, "rounding", json_get_word(explain, "rounding")));
    const char *beyond = json_get_text(explain, "rounded_beyond");
    put_money(p, line, "rounded", explain, "rounded_minor");
    if (beyond)
        put(line, "rounded", money_local_exact(p->s, beyond, p->currency, p->locale));
    put_money(p, line, "amount", explain, "amount_minor");
    int64_t earlier = json_get_int(explain, "earlier_minor");
    int64_t rest = beyond ? INT64_MAX : json_get_int(explain, "rounded_minor") - earlier;
    put(line, "earlier", earlier ? money_local(p->s, earlier, p->currency, p->locale) : NULL);
    json_object_set_new(line, "capped", json_boolean(rest > json_get_int(explain, "amount_minor")));
    return line;
}

json_t *credit_lines(const struct credit_lines *p)
{
    json_t *list = json_array(), *explains = NULL, *explain;
    size_t i;
    if (!p->lines || json_parse(p->s, p->lines, strlen(p->lines), &explains) != RC_OK)
        return list;
    json_array_foreach(explains, i, explain)
    {
        struct credit_lines own = *p;
        own.timezone = json_get_word(explain, "timezone");
        json_array_append_new(list, line_of(&own, explain));
    }
    return list;
}
