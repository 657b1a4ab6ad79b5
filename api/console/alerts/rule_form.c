/* /staff/alerts/rules/{id} and .../new: the form of a rule. */
#include <string.h>

#include "api/console/alerts/alerts.h"
#include "api/console/alerts/matchers.h"
#include "api/console/scoped.h"
#include "api/incidents/incident.h"
#include "api/incidents/incidents.h"
#include "api/forms/quoted.h"
#include "core/json.h"

#define PAGE_PATH "/staff/alerts"

static const struct alerts_field fields[] = {
    {"name", ALERTS_TEXT},
    {"position", ALERTS_NUMBER},
    {"source", ALERTS_TEXT},
    {"component", ALERTS_TEXT},
    {"component_label", ALERTS_TEXT},
    {"level", ALERTS_TEXT},
    {"audience", ALERTS_TEXT},
    {"affected_body", ALERTS_TEXT},
    {"severity", ALERTS_TEXT},
    {"template", ALERTS_TEXT},
    {"group_by", ALERTS_LIST},
    {"delay_seconds", ALERTS_NUMBER},
    {"for_seconds", ALERTS_NUMBER},
    {"keep_firing_seconds", ALERTS_NUMBER},
    {"publish_after_minutes", ALERTS_NUMBER},
    {"bad_minutes", ALERTS_NUMBER},
    {"of_minutes", ALERTS_NUMBER},
    {"least_requests", ALERTS_NUMBER},
    {.name = NULL},
};

/* The rule of the page, or NULL: a new one. RC_NOT_FOUND: it was removed. */
static enum rc find(struct call *c, json_t **ret)
{
    *ret = NULL;
    if (!c->param[0])
        return RC_OK;
    return console_get(
        c, scope_printf(c->s, "/v1/alert-rules/%s", console_escaped(c, c->param[0])), ret);
}

static struct scoped scope_of(const json_t *rule)
{
    return (struct scoped){.stored = json_object_get(rule, "scope")};
}

static json_t *body_of(struct call *c, const json_t *rule)
{
    json_t *body = json_own(c->s, json_object()), *scope;
    const char *percent = form_text(c->form, "error_percent", "");
    static const struct alerts_field own[] = {{"alert_labels", ALERTS_LIST}, {.name = NULL}};
    json_t *labels = json_own(c->s, json_object());
    struct scoped of = scope_of(rule);
    scope = scoped_typed(c, &of);
    alerts_take(c, body, fields);
    alerts_take(c, labels, own);
    json_object_set(body, "match", matchers_typed(c, "match"));
    if (json_object_size(scope))
        json_object_set(body, "scope", scope);
    if (json_object_get(labels, "alert_labels"))
        json_object_set(body, "scope_labels", json_object_get(labels, "alert_labels"));
    if (*percent)
        json_object_set_new(body, "error_bp", console_basis_points(percent));
    return body;
}

static enum rc put_choices(struct call *c, const json_t *rule, json_t *context)
{
    json_t *list, *one, *templates = json_array(), *components, *sources;
    size_t i;
    const char *level = json_get_text(rule, "level");
    json_object_set_new(context, "templates", templates);
    TRY(console_all_rows(c, "/v1/incident-templates", &list));
    json_array_foreach(list, i, one)
    {
        const char *name = json_get_word(one, "name");
        if (!strcmp(json_get_word(one, "kind"), "incident"))
            json_array_append_new(templates, json_pack("{s:s, s:b}", "value", name, "selected",
                                                 !strcmp(name, json_get_word(rule, "template"))));
    }
    TRY(alerts_components(c, json_get_word(rule, "component"), &components));
    TRY(alerts_source_names(c, &sources));
    json_object_set(context, "components", components);
    json_object_set(context, "sources", sources);
    json_object_set_new(context, "levels",
        console_choices(c, impact_levels, "level", level ? level : "partial_outage"));
    json_object_set_new(context, "audiences",
        console_choices(c, incident_audiences, "staff_audience", json_get_text(rule, "audience")));
    return RC_OK;
}

static void put_values(struct call *c, const json_t *rule, json_t *context)
{
    const json_t *bp = json_object_get(rule, "error_bp");
    json_t *shown = alerts_shown(c, rule, fields);
    json_object_set_new(
        shown, "match", json_string(matchers_text(c, json_object_get(rule, "match"))));
    json_object_set_new(shown, "alert_labels",
        json_string(quoted_joined(c->s, json_object_get(rule, "scope_labels"))));
    json_object_set_new(
        shown, "error_percent", json_string(json_is_integer(bp) ? console_percent(c, bp) : ""));
    json_object_set_new(context, "rule", shown);
}

/* Which of the closed parts of the form are in use. */
static void put_open(struct call *c, const json_t *rule, const json_t *problem, json_t *context)
{
    static const char *const timing[] = {
        "delay_seconds", "for_seconds", "keep_firing_seconds", NULL};
    bool timed = problem != NULL, told = problem != NULL;
    for (const char *const *name = timing; *name; name++)
        timed |= json_get_int(rule, *name) != 0;
    told |= rule && (json_object_size(json_object_get(rule, "scope")) ||
                        json_array_size(json_object_get(rule, "scope_labels")) ||
                        strcmp(json_get_word(rule, "audience"), "public") != 0);
    json_object_set_new(context, "timed", json_boolean(timed));
    json_object_set_new(context, "narrowed", json_boolean(told));
    json_object_set_new(context, "measures",
        json_boolean(json_is_integer(json_object_get(rule, "error_bp")) ||
                     (c->form && *form_text(c->form, "error_percent", ""))));
}

static void name_errors(struct call *c, json_t *problem)
{
    matchers_name_errors(problem, "match", "match");
    matchers_name_errors(problem, "group_by", "group_by");
    matchers_name_errors(problem, "scope_labels", "alert_labels");
    scoped_name_errors(c, &(struct scoped){0}, problem, "scope");
}

static enum rc show(struct call *c, const json_t *rule, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *lists;
    struct scoped of = scope_of(rule);
    name_errors(c, problem);
    console_put_problem(c, context, problem);
    TRY(put_choices(c, rule, context));
    TRY(scoped_lists(c, &lists));
    scoped_put(c, &of, lists, context);
    put_values(c, rule, context);
    put_open(c, rule, problem, context);
    json_object_set_new(context, "edited", json_boolean(rule));
    json_object_set_new(context, "target", json_string(c->request->target));
    if (rule)
        console_title(context, json_get_text(rule, "name"));
    return console_reply(c, "alerts/rule", context);
}

enum rc console_rule(struct call *c)
{
    json_t *rule;
    TRY(find(c, &rule));
    return show(c, rule, NULL);
}

enum rc console_rule_post(struct call *c)
{
    json_t *rule, *reply;
    TRY(find(c, &rule));
    const char *path =
        c->param[0] ? scope_printf(c->s, "/v1/alert-rules/%s", console_escaped(c, c->param[0]))
                    : "/v1/alert-rules";
    if (!console_call(c, rule ? PUT : POST, path, body_of(c, rule), &reply))
        return show(c, rule, reply);
    return console_go(c, PAGE_PATH);
}
