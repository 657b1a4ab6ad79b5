/* /staff/alerts/test: which rule would take the alerts of a request, and what it would suggest. */
#include <string.h>

#include "api/console/alerts/alerts.h"
#include "core/json.h"
#include "templates/label.h"

/* {a: b} as ["a = b"]. */
static json_t *pairs(struct call *c, const json_t *labels)
{
    json_t *list = json_array(), *value;
    const char *label;
    json_object_foreach((json_t *)labels, label, value) json_array_append_new(
        list, json_string(scope_printf(c->s, "%s = %s", label,
                  json_is_string(value) ? json_string_value(value) : json_text(c->s, value))));
    return list;
}

static json_t *rule_id(const json_t *rules, const char *name)
{
    json_t *one;
    size_t i;
    json_array_foreach(rules, i, one)
    {
        if (!strcmp(json_get_word(one, "name"), name))
            return json_object_get(one, "id");
    }
    return json_null();
}

/* Why the rule that matches does not take the alert, or that none matches. */
static json_t *missed_words(struct call *c, const json_t *missed)
{
    if (!json_is_object(missed))
        return alerts_say(c, "test_nothing", NULL);
    json_t *facts = json_own(
        c->s, json_pack("{s:s, s:s, s:s}", "rule", json_get_word(missed, "rule"), "label",
                  json_get_word(missed, "label"), "value", json_get_word(missed, "value")));
    const char *text =
        label_text(c->s, console_locale(c), "staff_missed", json_get_word(missed, "because"));
    return json_string(label_fill(c->s, text, facts));
}

static void put_words(struct call *c, json_t *alert, const json_t *rules, const json_t *components)
{
    const json_t *after = json_object_get(alert, "publish_after_minutes");
    const char *rule = json_get_text(alert, "rule");
    console_label(c, alert, "level");
    json_object_set_new(alert, "component_name",
        json_string(alerts_component_name(components, json_get_word(alert, "component"))));
    json_object_set_new(alert, "pairs", pairs(c, json_object_get(alert, "labels")));
    json_object_set_new(alert, "shared", pairs(c, json_object_get(alert, "group")));
    json_object_set(alert, "rule_id", rule_id(rules, rule ? rule : ""));
    json_object_set_new(alert, "missed", missed_words(c, json_object_get(alert, "missed")));
    json_object_set_new(alert, "publishes",
        json_is_integer(after)
            ? alerts_say(c, "rule_publishes", json_pack("{s:O}", "minutes", after))
            : alerts_say(c, "rule_waits", NULL));
}

struct shown {
    json_t *problem, *alerts; /* what was found, or NULL */
    bool bad_json;
};

static enum rc show(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object()), *rules, *components, *names, *one;
    size_t i;
    TRY(alerts_rules(c, &rules));
    TRY(alerts_components(c, "", &components));
    TRY(alerts_source_names(c, &names));
    json_array_foreach(shown.alerts, i, one) put_words(c, one, rules, components);
    json_object_set_new(context, "tested", json_boolean(shown.alerts));
    json_object_set(context, "alerts", shown.alerts ? shown.alerts : json_own(c->s, json_array()));
    json_object_set(context, "sources", names);
    const char *only =
        json_array_size(names) == 1 ? json_string_value(json_array_get(names, 0)) : "";
    json_object_set_new(
        context, "source", json_string(c->form ? form_text(c->form, "source", "") : only));
    json_object_set_new(
        context, "payload", json_string(c->form ? form_text(c->form, "payload", "") : ""));
    console_put_problem(c, context, shown.problem);
    if (shown.bad_json) {
        console_put_error(c, context, "payload", "no_json");
        c->reply.status = 422;
    }
    return console_reply(c, "alerts/test", context);
}

enum rc console_dry_run(struct call *c)
{
    return show(c, (struct shown){0});
}

/* Faults of the request are inside what was pasted, so they name their place. */
static void name_errors(struct call *c, json_t *problem)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(problem, "errors"), i, one)
    {
        const char *field = json_get_word(one, "field");
        if (!strcmp(field, "source"))
            continue;
        json_object_set_new(one, "detail",
            json_string(scope_printf(c->s, "In \"%s\": %s", field, json_get_word(one, "detail"))));
        json_object_set_new(one, "field", json_string("payload"));
    }
}

enum rc console_dry_run_post(struct call *c)
{
    const char *text = form_text(c->form, "payload", "");
    json_t *payload, *reply;
    SCOPE(inner);
    if (json_parse(inner, text, strlen(text), &payload) != RC_OK)
        return show(c, (struct shown){.bad_json = true});
    const char *path = scope_printf(c->s, "/v1/alert-rules/test?source=%s",
        console_escaped(c, form_text(c->form, "source", "")));
    if (!console_call(c, POST, path, payload, &reply)) {
        name_errors(c, reply);
        return show(c, (struct shown){.problem = reply});
    }
    return show(c, (struct shown){.alerts = json_object_get(reply, "data")});
}
