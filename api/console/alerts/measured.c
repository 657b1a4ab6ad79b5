/* /staff/alerts/measurements: where counts of requests come from. */
#include <string.h>

#include "api/console/alerts/alerts.h"
#include "api/console/alerts/matchers.h"
#include "api/console/confirm.h"
#include "core/json.h"

#define PAGE_PATH "/staff/alerts/measurements"

static const struct alerts_field fields[] = {
    {"name", ALERTS_TEXT},
    {"component", ALERTS_TEXT},
    {"component_label", ALERTS_TEXT},
    {"labels", ALERTS_LIST},
    {"scope_labels", ALERTS_LIST},
    {"per_minute", ALERTS_NUMBER},
    {.name = NULL},
};

static const char *const lists[] = {"match", "bad", "labels", "scope_labels"};

static void put_words(struct call *c, json_t *source, const json_t *components)
{
    const char *label = json_get_text(source, "component_label");
    json_object_set_new(source, "requests", matchers_words(c, json_object_get(source, "match")));
    json_object_set_new(source, "failures", matchers_words(c, json_object_get(source, "bad")));
    json_object_set_new(source, "component_words",
        label ? alerts_say(c, "rule_component_label", json_pack("{s:s}", "label", label))
              : json_string(alerts_component_name(components, json_get_word(source, "component"))));
}

static enum rc show(struct call *c, json_t *problem, json_t *made)
{
    json_t *context = json_own(c->s, json_object()), *sources, *components, *one;
    size_t i;
    TRY(console_all_rows(c, "/v1/measurement-sources", &sources));
    TRY(alerts_components(c, "", &components));
    json_array_foreach(sources, i, one) put_words(c, one, components);
    json_object_set(context, "sources", sources);
    json_object_set(context, "components", components);
    alerts_put_made(made, context);
    for (i = 0; i < sizeof lists / sizeof *lists; i++)
        matchers_name_errors(problem, lists[i], lists[i]);
    console_put_problem(c, context, problem);
    return console_reply(c, "alerts/measured", context);
}

enum rc console_measured(struct call *c)
{
    return show(c, NULL, NULL);
}

static enum rc add(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *reply;
    alerts_take(c, body, fields);
    json_object_set(body, "match", matchers_typed(c, "match"));
    json_object_set(body, "bad", matchers_typed(c, "bad"));
    if (!console_call(c, POST, "/v1/measurement-sources", body, &reply))
        return show(c, reply, NULL);
    return show(c, NULL, reply);
}

enum rc console_measured_post(struct call *c)
{
    json_t *reply;
    const char *name = form_text(c->form, "source", "");
    if (strcmp(form_text(c->form, "do", ""), "delete") != 0)
        return add(c);
    if (!confirm_given(c))
        return confirm_ask(c, "remove_measured", json_pack("{s:s}", "name", name), PAGE_PATH);
    const char *path = scope_printf(c->s, "/v1/measurement-sources/%s", console_escaped(c, name));
    if (!console_call(c, DELETE, path, NULL, &reply))
        return show(c, reply, NULL);
    return console_go(c, PAGE_PATH);
}
