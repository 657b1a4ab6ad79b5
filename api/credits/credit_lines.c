#include "api/credits/credit_lines.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"

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
    return clock_parse(utc, &us) ? clock_local(p->s, us, p->timezone) : utc;
}

static json_t *windows_of(const struct credit_lines *p, const json_t *explain)
{
    json_t *list = json_array(), *window;
    size_t i;
    json_array_foreach(json_object_get(explain, "windows"), i, window)
    {
        int64_t from = 0, to = 0;
        json_t *one = json_object();
        clock_parse(json_get_word(window, "from"), &from);
        clock_parse(json_get_word(window, "to"), &to);
        put(one, "from", local(p, json_get_word(window, "from")));
        put(one, "to", local(p, json_get_word(window, "to")));
        put(one, "length", clock_span(p->s, to - from));
        json_int_t bp = json_get_int(window, "weight_bp");
        put(one, "percent", scope_printf(p->s, "%lld", (long long)bp / 100));
        json_array_append_new(list, one);
    }
    return list;
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
    put(model, "length", span_of(p, json_get_word(period, "seconds")));
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
    put(line, "timezone", json_get_word(explain, "timezone"));
    json_array_foreach(json_object_get(explain, "prices"), i, price)
    {
        json_t *one = json_object();
        put_money(p, one, "amount", price, "price_minor");
        put(one, "from", local(p, json_get_word(price, "from")));
        json_array_append_new(prices, one);
    }
    json_object_set_new(line, "prices", prices);
    json_object_set_new(line, "windows", windows_of(p, explain));
    put_model(p, explain, line);
    put_money(p, line, "rounded", explain, "rounded_minor");
    put_money(p, line, "amount", explain, "amount_minor");
    int64_t earlier = json_get_int(explain, "earlier_minor");
    int64_t rest = json_get_int(explain, "rounded_minor") - earlier;
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
