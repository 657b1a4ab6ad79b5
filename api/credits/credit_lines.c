#include "api/credits/credit_lines.h"

#include <stdlib.h>
#include <string.h>

#include "billing/words/working.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
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
    put(one, "length", label_span(p->s, p->locale, (to - from) / CLOCK_SECOND));
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

static json_t *incident_of(const struct credit_lines *p, json_t *list, const char *ref)
{
    json_t *one;
    size_t i;
    json_array_foreach(list, i, one) if (!strcmp(json_get_word(one, "ref"), ref)) return one;
    one = json_object();
    put(one, "ref", ref);
    put(one, "title", named(p->titles, ref));
    put(one, "url", scope_printf(p->s, "%s/incidents/%s", p->base ? p->base : "", ref));
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

static json_t *line_of(const struct credit_lines *p, const json_t *explain)
{
    const json_t *period = json_object_get(explain, "period");
    int64_t amount = json_get_int(explain, "amount_minor");
    json_t *line = json_object();
    struct words_working words = {.s = p->s,
        .locale = p->locale,
        .currency = p->currency,
        .timezone = p->timezone,
        .explain = explain,
        .titles = p->titles,
        .names = p->names};
    put(line, "from", label_day(p->s, p->locale, json_get_word(period, "from")));
    put(line, "to", label_day(p->s, p->locale, json_get_word(period, "to")));
    put(line, "timezone", p->timezone);
    put(line, "amount", label_money(p->s, amount, p->currency, p->locale));
    json_object_set_new(line, "incidents", p->bare ? json_array() : incidents_of(p, explain));
    json_object_set_new(line, "work", words_working(&words));
    words.brief = true;
    json_object_set_new(line, "brief", words_working(&words));
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
