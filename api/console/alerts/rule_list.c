/* /staff/alerts: the rules for alerts, in words, in the order in which they are tried. */
#include <stdlib.h>
#include <string.h>

#include "api/console/alerts/alerts.h"
#include "api/console/alerts/matchers.h"
#include "api/console/confirm.h"
#include "api/forms/quoted.h"
#include "core/json.h"
#include "templates/label.h"

#define PAGE_PATH "/staff/alerts"

static int by_position(const void *a, const void *b)
{
    const json_t *const *x = a, *const *y = b;
    long long p = json_get_int(*x, "position"), q = json_get_int(*y, "position");
    if (p == q) {
        p = json_get_int(*x, "id");
        q = json_get_int(*y, "id");
    }
    return (p > q) - (p < q);
}

enum rc alerts_rules(struct call *c, json_t **ret)
{
    json_t *list, *one;
    size_t i;
    TRY(console_all_rows(c, "/v1/alert-rules", &list));
    json_t **at = SCOPE_ARRAY(c->s, json_t *, json_array_size(list) + 1);
    json_array_foreach(list, i, one) at[i] = one;
    qsort(at, json_array_size(list), sizeof(json_t *), by_position);
    *ret = json_own(c->s, json_array());
    for (i = 0; i < json_array_size(list); i++)
        json_array_append(*ret, at[i]);
    return RC_OK;
}

/* "API", "the component in the label service", or that of the requests. */
static json_t *component_words(struct call *c, const json_t *rule, const json_t *components)
{
    const char *slug = json_get_text(rule, "component");
    const char *label = json_get_text(rule, "component_label");
    if (slug)
        return json_string(alerts_component_name(components, slug));
    return label ? alerts_say(c, "rule_component_label", json_pack("{s:s}", "label", label))
                 : alerts_say(c, "rule_component_measured", NULL);
}

static void add_labels(struct call *c, json_t *parts, const json_t *labels)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)labels, key, value)
    {
        const char *text =
            json_is_string(value) ? json_string_value(value) : quoted_joined(c->s, value);
        json_array_append_new(parts, json_string(scope_printf(c->s, "%s = %s", key, text)));
    }
}

/* Whom the impact concerns: ["region = eu", "3 accounts listed"], empty: everybody. */
static json_t *scope_words(struct call *c, const json_t *rule)
{
    json_t *parts = json_array(), *scope = json_object_get(rule, "scope"), *own;
    json_int_t n = (json_int_t)json_array_size(json_object_get(scope, "accounts"));
    const char *list = json_get_text(scope, "list");
    add_labels(c, parts, json_object_get(scope, "labels"));
    if (n)
        json_array_append_new(parts,
            alerts_say(c, n == 1 ? "rule_account" : "rule_accounts", json_pack("{s:I}", "n", n)));
    if (list)
        json_array_append_new(parts, alerts_say(c, "rule_list", json_pack("{s:s}", "name", list)));
    own = json_object_get(rule, "scope_labels");
    if (json_array_size(own))
        json_array_append_new(parts, alerts_say(c, "rule_own_labels",
                                         json_pack("{s:s}", "labels", quoted_joined(c->s, own))));
    return parts;
}

static json_t *measured_words(struct call *c, const json_t *rule)
{
    const json_t *bp = json_object_get(rule, "error_bp");
    if (!json_is_integer(bp))
        return json_null();
    return alerts_say(c, "rule_measured",
        json_pack("{s:s, s:I, s:I}", "percent", console_percent(c, bp), "bad",
            json_get_int(rule, "bad_minutes"), "of", json_get_int(rule, "of_minutes")));
}

static void put_words(struct call *c, json_t *rule, const json_t *components)
{
    const json_t *after = json_object_get(rule, "publish_after_minutes");
    console_label(c, rule, "level");
    console_word(c, rule, "audience", "staff_audience");
    json_object_set_new(rule, "matchers", matchers_words(c, json_object_get(rule, "match")));
    json_object_set_new(rule, "component_words", component_words(c, rule, components));
    json_object_set_new(rule, "accounts", scope_words(c, rule));
    json_object_set_new(rule, "measured", measured_words(c, rule));
    json_object_set_new(rule, "publishes",
        json_is_integer(after)
            ? alerts_say(c, "rule_publishes", json_pack("{s:O}", "minutes", after))
            : alerts_say(c, "rule_waits", NULL));
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *rules, *components, *one;
    size_t i;
    TRY(alerts_rules(c, &rules));
    TRY(alerts_components(c, "", &components));
    json_array_foreach(rules, i, one) put_words(c, one, components);
    json_object_set(context, "rules", rules);
    console_put_problem(c, context, problem);
    return console_reply(c, "alerts/rules", context);
}

enum rc console_rules(struct call *c)
{
    return show(c, NULL);
}

enum rc console_rules_post(struct call *c)
{
    json_t *reply;
    const char *id = console_escaped(c, form_text(c->form, "id", "0"));
    if (strcmp(form_text(c->form, "do", ""), "delete") != 0)
        return fail_field(c->s, RC_INVALID, "do", "is not known");
    if (!confirm_given(c))
        return confirm_ask_named(c, "remove_rule", "/v1/alert-rules?limit=1000", PAGE_PATH);
    if (!console_call(c, DELETE, scope_printf(c->s, "/v1/alert-rules/%s", id), NULL, &reply))
        return show(c, reply);
    return console_go(c, PAGE_PATH);
}
