/* For whom, and which time counts as downtime. */
#include <string.h>

#include "billing/words/say.h"
#include "core/json.h"
#include "templates/label.h"

static void components(const struct policy_words *p, json_t *list)
{
    json_t *names = json_own(p->s, json_array()), *slug;
    size_t i;
    json_array_foreach(json_object_get(p->document, "components"), i, slug)
        add(names, field(p->names, json_string_value(slug), json_string_value(slug)));
    add(list, say(p, json_array_size(names) ? "components" : "components_all",
                  json_pack("{s:s}", "names", joined(p, names, ", "))));
}

/* "region eu/uk, tier gold": a label's value may be one or a list. */
static const char *labels(const struct policy_words *p, const json_t *wanted)
{
    const char *key, *text = "";
    json_t *value;
    json_object_foreach((json_t *)wanted, key, value)
    {
        const char *values =
            json_is_array(value) ? joined(p, value, "/") : json_string_value(value);
        text = scope_printf(p->s, "%s%s%s %s", text, *text ? ", " : "", key, values);
    }
    return text;
}

static void applies(const struct policy_words *p, json_t *list)
{
    const json_t *to = json_object_get(p->document, "applies");
    const json_t *plans = json_object_get(to, "plans"), *wanted = json_object_get(to, "labels");
    if (json_array_size(plans))
        add(list, say(p, "plans", json_pack("{s:s}", "names", joined(p, plans, ", "))));
    if (json_object_size(wanted))
        add(list, say(p, "labels", json_pack("{s:s}", "labels", labels(p, wanted))));
    if (!strcmp(field(p->document, "audience", ""), "all"))
        add(list, say(p, "all", json_object()));
    if (!strcmp(field(p->document, "base", ""), "lines"))
        add(list, say(p, "base_lines", json_object()));
}

static const char *weight(const struct policy_words *p, const char *level, int64_t otherwise)
{
    const json_t *bp = json_object_get(json_object_get(p->document, "weights_bp"), level);
    return percent(p, bp ? json_integer_value(bp) : otherwise);
}

static void maintenance(const struct policy_words *p, json_t *list)
{
    json_int_t hours = json_get_int(p->document, "maintenance_notice_hours");
    if (json_is_false(json_object_get(p->document, "exclude_maintenance")))
        add(list, say(p, "maintenance_counts", json_object()));
    else
        add(list, say(p, hours ? "maintenance_notice" : "maintenance",
                      json_pack("{s:I}", "hours", hours)));
}

static const char *span(const struct policy_words *p, const json_t *of, const char *name)
{
    return label_span(p->s, p->locale, json_get_int(of, name));
}

static void measure(const struct policy_words *p, json_t *list)
{
    const json_t *of = json_object_get(p->document, "measure");
    const char *count = field(of, "count", "exact"), *only = field(of, "for", "both");
    if (!strcmp(field(of, "source", ""), "requests"))
        add(list, say(p, "requests", json_pack("{s:s}", "span", span(p, of, "interval_seconds"))));
    if (!strcmp(count, "exact"))
        return;
    add(list, say(p, scope_printf(p->s, "measure_%s", count),
                  json_pack("{s:s}", "span", span(p, of, "quantum_seconds"))));
    if (strcmp(only, "both") != 0)
        add(list, say(p, scope_printf(p->s, "measure_%s", only), json_object()));
}

/* Which days are no working days. */
static void calendar(const struct policy_words *p, const json_t *of, json_t *list)
{
    const json_t *given = json_object_get(of, "weekend"), *dates = json_object_get(of, "holidays");
    json_t *usual = json_own(p->s, json_pack("[i, i]", 6, 7)), *day;
    json_t *names = json_own(p->s, json_array());
    size_t i;
    json_array_foreach(given ? given : usual, i, day) add(names,
        say(p, scope_printf(p->s, "weekday_%d", (int)json_integer_value(day)), json_object()));
    if (json_array_size(names))
        add(list, say(p, "weekend", json_pack("{s:s}", "days", joined(p, names, ", "))));
    if (json_array_size(dates))
        add(list, say(p, "holidays", json_pack("{s:s}", "dates", joined(p, dates, ", "))));
}

static void grace(const struct policy_words *p, json_t *list)
{
    const json_t *of = json_object_get(p->document, "grace");
    const char *from = field(of, "from", "start");
    json_int_t days = json_get_int(of, "working_days");
    if (days) {
        add(list, say_count(p, scope_printf(p->s, "grace_days_%s", from), days));
        calendar(p, json_object_get(of, "calendar"), list);
    } else if (of && json_get_int(of, "seconds")) {
        add(list, say(p, scope_printf(p->s, "grace_seconds_%s", from),
                      json_pack("{s:s}", "span", span(p, of, "seconds"))));
    }
}

static void claim(const struct policy_words *p, json_t *list)
{
    const json_t *of = json_object_get(p->document, "claim");
    const json_t *within = json_object_get(of, "within_days");
    bool window_end = !strcmp(field(of, "from", ""), "window_end");
    const char *label = window_end ? "claim_window" : "claim_incident";
    if (!json_is_true(json_object_get(of, "required")))
        return;
    if (json_is_integer(within))
        add(list, say_count(p, scope_printf(p->s, "%s_days", label), json_integer_value(within)));
    else
        add(list, say(p, label, json_object()));
}

json_t *words_counts(const struct policy_words *p)
{
    json_t *list = json_array();
    json_int_t block = json_get_int(p->document, "min_block_seconds");
    const char *zone = json_get_text(json_object_get(p->document, "window"), "timezone");
    components(p, list);
    applies(p, list);
    add(list, say(p, "weights",
                  json_pack("{s:s, s:s, s:s}", "major", weight(p, "major_outage", 10000), "partial",
                      weight(p, "partial_outage", 5000), "degraded",
                      weight(p, "degraded_performance", 0))));
    add(list, say(p, "overlap", json_object()));
    maintenance(p, list);
    if (block)
        add(list, say(p, "block", json_pack("{s:s}", "span", label_span(p->s, p->locale, block))));
    grace(p, list);
    measure(p, list);
    if (zone)
        add(list, say(p, "zone", json_pack("{s:s}", "zone", zone)));
    claim(p, list);
    return list;
}
