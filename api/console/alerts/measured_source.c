/* /staff/alerts/measurements/{name}: a source of counts is changed, and its token rotated. */
#include <string.h>

#include "api/console/alerts/alerts.h"
#include "api/console/alerts/matchers.h"
#include "core/json.h"

static const struct alerts_field fields[] = {
    {"name", ALERTS_TEXT},
    {"former_names", ALERTS_LIST},
    {"component", ALERTS_TEXT},
    {"component_label", ALERTS_TEXT},
    {"labels", ALERTS_LIST},
    {"scope_labels", ALERTS_LIST},
    {"per_minute", ALERTS_NUMBER},
    {.name = NULL},
};

static const char *const lists[] = {"match", "bad", "labels", "scope_labels", "former_names", NULL};

static const char *path_of(struct call *c)
{
    return scope_printf(c->s, "/v1/measurement-sources/%s", console_escaped(c, c->param[0]));
}

static enum rc show(struct call *c, json_t *problem, json_t *made)
{
    json_t *context = json_own(c->s, json_object()), *source, *components, *values;
    TRY(console_get(c, path_of(c), &source));
    TRY(alerts_components(c, json_get_word(source, "component"), &components));
    values = alerts_shown(c, source, fields);
    json_object_set_new(context, "source", values);
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(
            values, lists[i], json_string(matchers_text(c, json_object_get(source, lists[i]))));
    json_object_set(context, "components", components);
    json_object_set(context, "until", json_object_get(source, "previous_until"));
    json_object_set_new(context, "overlaps", alerts_overlaps(c));
    json_object_set_new(context, "keyed", json_false());
    json_object_set_new(context, "target", json_string(c->request->target));
    json_object_set(context, "name", json_object_get(source, "name"));
    alerts_put_made(made, context);
    for (const char *const *list = lists; *list; list++)
        matchers_name_errors(problem, *list, *list);
    console_put_problem(c, context, problem);
    console_title(context, json_get_word(source, "name"));
    return console_reply(c, "alerts/measured_source", context);
}

enum rc console_measured_source(struct call *c)
{
    return show(c, NULL, NULL);
}

/* Neither or both of what says the component: for the API to refuse. */
static void put_place(json_t *out, const json_t *body)
{
    json_t *component = json_object_get(body, "component");
    if (!component == !json_object_get(body, "component_label")) {
        json_object_set_new(out, "component", component ? json_incref(component) : json_string(""));
        json_object_set(out, "component_label", json_object_get(body, "component_label"));
    }
}

/* Only what differs is sent: other conditions make all counters begin anew. */
static json_t *changes(struct call *c, json_t *source)
{
    json_t *body = json_own(c->s, json_object()), *out = json_own(c->s, json_object()), *value;
    const char *name;
    alerts_take(c, body, fields);
    json_object_set(body, "match", matchers_typed(c, "match"));
    json_object_set(body, "bad", matchers_typed(c, "bad"));
    for (size_t i = 2; lists[i]; i++)
        if (!json_object_get(body, lists[i]))
            json_object_set_new(body, lists[i], json_array());
    json_object_foreach(body, name, value)
    {
        if (!json_equal(value, json_object_get(source, name)))
            json_object_set(out, name, value);
    }
    put_place(out, body);
    return out;
}

static enum rc change(struct call *c)
{
    json_t *source, *reply;
    TRY(console_get(c, path_of(c), &source));
    if (!console_call(c, PATCH, path_of(c), changes(c, source), &reply))
        return show(c, reply, NULL);
    return console_go(c, "/staff/alerts/measurements");
}

enum rc console_measured_source_post(struct call *c)
{
    json_t *reply;
    if (strcmp(form_text(c->form, "do", ""), "rotate") != 0)
        return change(c);
    if (!alerts_rotate(c, path_of(c), &reply))
        return show(c, reply, NULL);
    return show(c, NULL, reply);
}
