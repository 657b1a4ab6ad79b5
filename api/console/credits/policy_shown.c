/* The fields of a policy for the page. */
#include <string.h>

#include "api/console/console.h"
#include "api/console/credits/policy_table.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

/* A label of a set, or NULL. */
static const char *label(struct call *c, const char *set, const char *name)
{
    return json_get_text(label_set(c->s, console_locale(c), set), name);
}

/* "policy.tiers[1].percent", as a preview names it, is "tiers[1].percent". */
static const char *wrong_field(json_t *problem)
{
    json_t *first = json_array_get(json_object_get(problem, "errors"), 0);
    const char *field = json_get_word(first, "field");
    return strncmp(field, "policy.", 7) ? field : field + 7;
}

/* Whether the problem is about the field, or, with a part, about that part of its nth row. */
bool policy_is_wrong(const struct shown *p, const char *name, const char *part, int n)
{
    const char *field = wrong_field(p->problem);
    if (strncmp(field, name, strlen(name)) != 0)
        return false;
    const char *rest = field + strlen(name);
    const char *at = !part   ? ""
                     : n < 0 ? scope_printf(p->c->s, ".%s", part)
                             : scope_printf(p->c->s, "[%d].%s", n, part);
    size_t len = strlen(at);
    return !strncmp(rest, at, len) && (!rest[len] || rest[len] == '[' || rest[len] == '.');
}

/* The message for a field: what to enter, by the last member of its path that has a label, or,
 * without one, the API's. */
static const char *message(struct call *c, json_t *problem)
{
    const char *field = wrong_field(problem), *own = NULL;
    for (size_t end = strlen(field), at; !own && end; end = at ? at - 1 : 0) {
        for (at = end; at && field[at - 1] != '.';)
            at--;
        size_t len = strcspn(field + at, ".[");
        own = label(c, "staff_policy_wrong", scope_strndup(c->s, field + at, len));
    }
    return own ? own : json_get_word(problem, "detail");
}

const char *policy_wrong(struct call *c, json_t *problem)
{
    const struct shown p = {.c = c, .problem = problem};
    const char *name = NULL;
    for (const struct policy_field *field = policy_fields; !name && field->name; field++)
        if (policy_is_wrong(&p, field->name, NULL, 0))
            name = label(c, "staff_policy", field->name);
    return name ? scope_printf(c->s, "%s: %s", name, message(c, problem))
                : json_get_word(problem, "detail");
}

static const char *percent(struct call *c, const json_t *bp)
{
    if (!json_is_integer(bp))
        return json_is_string(bp) ? json_string_value(bp) : "";
    return console_percent(c, bp);
}

const char *policy_plain(struct call *c, const json_t *value)
{
    if (json_is_integer(value))
        return scope_printf(c->s, "%lld", (long long)json_integer_value(value));
    return json_is_string(value) ? json_string_value(value) : "";
}

static json_t *percents(const struct shown *p, const struct policy_field *field, json_t *value)
{
    json_t *list = json_array();
    for (const char *const *part = field->parts; *part; part++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b}", "part", *part, "label",
                                        label_text(p->c->s, console_locale(p->c), "level", *part),
                                        "value", percent(p->c, json_object_get(value, *part)),
                                        "invalid", policy_is_wrong(p, field->name, *part, -1)));
    return list;
}

/* All seven; without an answer the weekend is Saturday and Sunday. */
static json_t *weekdays(const struct shown *p, const json_t *value)
{
    static const char *const names[] = {
        "weekday_1", "weekday_2", "weekday_3", "weekday_4", "weekday_5", "weekday_6", "weekday_7"};
    json_t *list = json_array(), *day;
    unsigned chosen = value ? 0 : 1U << 6 | 1U << 7;
    size_t i;
    json_array_foreach((json_t *)value, i, day) chosen |= 1U << (json_integer_value(day) & 7);
    for (unsigned n = 1; n <= 7; n++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b}", "value", scope_printf(p->c->s, "%u", n), "label",
                      label_text(p->c->s, console_locale(p->c), "policy_words", names[n - 1]),
                      "selected", (int)(chosen >> n & 1U)));
    return list;
}

/* The components of the installation, and those that only the document names. */
static json_t *slugs(const struct shown *p, const json_t *chosen)
{
    json_t *list = json_array(), *one, *slug, *left = json_object();
    size_t i;
    json_array_foreach((json_t *)chosen, i, slug)
        json_object_set(left, json_string_value(slug), slug);
    json_array_foreach(p->components, i, one)
    {
        const char *name = json_get_word(one, "slug");
        bool is = json_object_del(left, name) == 0;
        if (is || json_is_null(json_object_get(one, "archived_at")))
            json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", name, "label",
                                            json_get_word(one, "name"), "selected", is));
    }
    const char *name;
    json_object_foreach(left, name, slug) json_array_append_new(
        list, json_pack("{s:s, s:s, s:b}", "value", name, "label", name, "selected", 1));
    json_decref(left);
    return list;
}

static void put_span(const struct shown *p, json_t *shown, const json_t *value)
{
    static const char *const units[] = {"1", "60", "3600", NULL};
    static const char *const names[] = {"seconds", "minutes", "hours"};
    json_int_t seconds = json_integer_value(value);
    size_t unit = seconds % 3600 == 0 && seconds ? 2 : seconds % 60 == 0 ? 1 : 0;
    json_t *list = json_array();
    for (size_t i = 0; units[i]; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b}", "value", units[i], "label",
                      label_text(p->c->s, console_locale(p->c), "staff_policy_unit", names[i]),
                      "selected", i == unit));
    json_object_set_new(shown, "choices", list);
    if (json_is_integer(value))
        json_object_set_new(shown, "value",
            json_string(scope_printf(
                p->c->s, "%lld", (long long)(seconds / strtoll(units[unit], NULL, 10)))));
}

/* What is chosen from. */
static json_t *choices(const struct shown *p, const struct policy_field *field, json_t *value)
{
    switch (field->kind) {
    case POLICY_SLUGS:
        return slugs(p, value);
    case POLICY_WEEKDAYS:
        return weekdays(p, value);
    case POLICY_CAPS:
        return console_choices(p->c, field->parts, "staff_policy_choice", policy_caps(p->document));
    case POLICY_CHOICE:
    case POLICY_OPTION:
        return console_choices(p->c, field->parts, "staff_policy_choice", json_string_value(value));
    default:
        return json_array();
    }
}

/* Which part of the page's template shows it. */
static void put_control(const struct policy_field *field, json_t *shown)
{
    static const char *const controls[] = {[POLICY_TEXT] = "is_line",
        [POLICY_DECIMAL] = "is_line",
        [POLICY_NUMBER] = "is_line",
        [POLICY_SPAN] = "is_span",
        [POLICY_BOOL] = "is_bool",
        [POLICY_FLAG] = "is_bool",
        [POLICY_CHOICE] = "is_choice",
        [POLICY_OPTION] = "is_choice",
        [POLICY_CAPS] = "is_choice",
        [POLICY_SLUGS] = "is_slugs",
        [POLICY_WORDS] = "is_line",
        [POLICY_WEEKDAYS] = "is_slugs",
        [POLICY_PERCENTS] = "is_percents",
        [POLICY_MONEY] = "is_line",
        [POLICY_ROWS] = "is_rows",
        [POLICY_AMOUNTS] = "is_rows",
        [POLICY_LABELS] = "is_rows"};
    static const char *const all[] = {
        "is_line", "is_span", "is_bool", "is_choice", "is_slugs", "is_percents", "is_rows", NULL};
    for (const char *const *control = all; *control; control++)
        json_object_set_new(
            shown, *control, json_boolean(!strcmp(controls[field->kind], *control)));
    json_object_set_new(shown, "numeric",
        json_boolean(field->kind == POLICY_DECIMAL || field->kind == POLICY_NUMBER));
    json_object_set_new(shown, "slugs", json_boolean(field->kind == POLICY_SLUGS));
    json_object_set_new(shown, "whole", json_boolean(policy_decides(field)));
}

static void put_value(const struct shown *p, const struct policy_field *field, json_t *shown)
{
    json_t *value = policy_value(p->document, field->name);
    const char *text = field->kind == POLICY_MONEY   ? policy_money_text(p->c->s, value)
                       : field->kind == POLICY_WORDS ? policy_words_text(p->c->s, value)
                                                     : policy_plain(p->c, value);
    json_object_set_new(shown, "value", json_string(text));
    json_object_set_new(shown, "checked",
        json_boolean(field->kind == POLICY_FLAG ? json_is_true(value) : !json_is_false(value)));
    json_object_set_new(shown, "choices", choices(p, field, value));
    json_object_set_new(
        shown, "parts", field->kind == POLICY_PERCENTS ? percents(p, field, value) : json_array());
    policy_put_table(p, field, value, shown);
    if (field->kind == POLICY_SPAN)
        put_span(p, shown, value);
}

static json_t *show(const struct shown *p, const struct policy_field *field)
{
    bool wrong = policy_is_wrong(p, field->name, NULL, 0);
    json_t *shown = json_pack("{s:s, s:s, s:b}", "field", field->name, "label",
        label_text(p->c->s, console_locale(p->c), "staff_policy", field->name), "invalid", wrong);
    const char *hint = field->plain ? NULL : label(p->c, "staff_policy_hint", field->name);
    json_object_set_new(shown, "hint", text_or_null(hint));
    json_object_set_new(shown, "wrong", text_or_null(wrong ? message(p->c, p->problem) : NULL));
    json_object_set_new(shown, "unit",
        text_or_null(field->unit ? label(p->c, "staff_policy_unit", field->unit) : NULL));
    put_control(field, shown);
    put_value(p, field, shown);
    return shown;
}

/* A folded group is open if it says something or is wrong. */
static json_t *group_of(const struct shown *p, const struct policy_group *group)
{
    const char *model = json_get_word(p->document, "model");
    json_t *fields = json_array();
    bool open = false;
    for (const struct policy_field *field = policy_fields; field->name; field++) {
        if (strcmp(field->group, group->name) != 0 || !policy_field_is_read(field, model) ||
            (!field->early && !policy_is_needed(p->document, field)))
            continue;
        bool unbounded =
            field->kind == POLICY_CAPS && strcmp(policy_caps(p->document), "percent") != 0;
        open = open || unbounded || policy_is_set(p->document, field->name) ||
               policy_is_wrong(p, field->name, NULL, 0);
        json_array_append_new(fields, show(p, field));
    }
    return json_pack("{s:s, s:s, s:s?, s:b, s:b, s:o}", "group", group->name, "legend",
        label_text(p->c->s, console_locale(p->c), "staff_policy_group", group->name), "about",
        label(p->c, "staff_policy_about", group->name), "folded", group->folded, "open", open,
        "fields", fields);
}

json_t *policy_shown(struct call *c, const json_t *document, json_t *components, json_t *problem)
{
    struct shown p = {.c = c, .document = document, .components = components, .problem = problem};
    json_t *list = json_array();
    for (const struct policy_group *group = policy_groups; group->name; group++)
        json_array_append_new(list, group_of(&p, group));
    return list;
}
