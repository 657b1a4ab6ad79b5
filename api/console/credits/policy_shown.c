/* The fields of a policy for the page. */
#include <string.h>

#include "api/console/console.h"
#include "api/console/credits/policy_fields.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

struct shown {
    struct call *c;
    const json_t *document;
    json_t *components, *problem;
};

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
static bool is_wrong(const struct shown *p, const char *name, const char *part, int n)
{
    const char *field = wrong_field(p->problem);
    if (strncmp(field, name, strlen(name)) != 0)
        return false;
    const char *rest = field + strlen(name);
    if (!part)
        return !*rest || *rest == '[' || *rest == '.';
    const char *at =
        n < 0 ? scope_printf(p->c->s, ".%s", part) : scope_printf(p->c->s, "[%d].%s", n, part);
    return !strcmp(rest, at);
}

static const char *last_word(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* The message for a field: what to enter, or, without a label for that, the API's. */
static const char *message(struct call *c, json_t *problem)
{
    const char *field = wrong_field(problem), *detail = json_get_word(problem, "detail");
    const char *own = label(c, "staff_policy_wrong", last_word(field));
    const char *of = scope_strndup(c->s, field, strcspn(field, ".["));
    own = own ? own : label(c, "staff_policy_wrong", of);
    return own ? own : detail;
}

const char *policy_wrong(struct call *c, json_t *problem)
{
    const char *field = wrong_field(problem);
    const char *of = scope_strndup(c->s, field, strcspn(field, ".["));
    const char *name = label(c, "staff_policy", of);
    return name ? scope_printf(c->s, "%s: %s", name, message(c, problem))
                : json_get_word(problem, "detail");
}

static const char *percent(struct call *c, const json_t *bp)
{
    if (!json_is_integer(bp))
        return json_is_string(bp) ? json_string_value(bp) : "";
    const char *text = money_amount(c->s, json_integer_value(bp), 2);
    size_t len = strlen(text);
    return !strcmp(text + len - 3, ".00") ? scope_strndup(c->s, text, len - 3) : text;
}

static const char *plain(struct call *c, const json_t *value)
{
    if (json_is_integer(value))
        return scope_printf(c->s, "%lld", (long long)json_integer_value(value));
    return json_is_string(value) ? json_string_value(value) : "";
}

static json_t *cell(const struct shown *p, const struct policy_field *field, const char *part,
    const char *value, int n)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:i}", "part", part, "label",
        label_text(p->c->s, console_locale(p->c), "staff_policy_part", part), "value", value,
        "invalid", is_wrong(p, field->name, part, n), "n", n);
}

static json_t *percents(const struct shown *p, const struct policy_field *field, json_t *value)
{
    json_t *list = json_array();
    for (const char *const *part = field->parts; *part; part++) {
        json_t *one = cell(p, field, *part, percent(p->c, json_object_get(value, *part)), -1);
        json_object_set_new(
            one, "label", json_string(label_text(p->c->s, console_locale(p->c), "level", *part)));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *row(json_t *cells, int n)
{
    return json_pack("{s:i, s:i, s:o}", "n", n, "number", n + 1, "cells", cells);
}

static json_t *rows(const struct shown *p, const struct policy_field *field, json_t *value)
{
    json_t *list = json_array(), *one;
    size_t i, n = json_array_size(value);
    for (i = 0; i < (n ? n : 1); i++) {
        json_t *cells = json_array();
        one = json_array_get(value, i);
        for (const char *const *part = field->parts; *part; part++)
            json_array_append_new(
                cells, cell(p, field, *part, plain(p->c, json_object_get(one, *part)), (int)i));
        json_array_append_new(list, row(cells, (int)i));
    }
    return list;
}

static void add_amount(const struct shown *p, json_t *list, const char *currency, json_t *minor)
{
    static const struct policy_field none = {.name = "amounts"};
    json_t *cells = json_array();
    int n = (int)json_array_size(list), exponent = money_exponent(currency);
    bool invalid = *currency && is_wrong(p, "amounts", currency, -1);
    const char *text = json_is_integer(minor) && exponent >= 0
                           ? money_amount(p->c->s, json_integer_value(minor), exponent)
                           : plain(p->c, minor);
    json_array_append_new(cells, cell(p, &none, "currency", currency, n));
    json_array_append_new(cells, cell(p, &none, "amount", text, n));
    json_object_set_new(json_array_get(cells, 1), "invalid", json_boolean(invalid));
    json_array_append_new(list, row(cells, n));
}

static json_t *amounts(const struct shown *p, json_t *value)
{
    json_t *list = json_array(), *minor;
    const char *currency;
    json_object_foreach(value, currency, minor) add_amount(p, list, currency, minor);
    if (!json_array_size(list))
        add_amount(p, list, "", NULL);
    return list;
}

static json_t *columns(const struct shown *p, const char *const *parts)
{
    json_t *list = json_array();
    for (; *parts; parts++)
        json_array_append_new(list,
            json_string(label_text(p->c->s, console_locale(p->c), "staff_policy_part", *parts)));
    return list;
}

/* The components of the installation, and those that only the document names. */
static json_t *slugs(const struct shown *p, const json_t *chosen)
{
    json_t *list = json_array(), *one, *slug, *left = json_object();
    size_t i;
    json_array_foreach(chosen, i, slug) json_object_set(left, json_string_value(slug), slug);
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

static void put_kind(const struct shown *p, const struct policy_field *field, json_t *shown)
{
    static const char *const amount[] = {"currency", "amount", NULL};
    json_t *value = json_object_get(p->document, field->name);
    bool table = field->kind == POLICY_ROWS || field->kind == POLICY_AMOUNTS;
    json_object_set_new(shown, "value", json_string(plain(p->c, value)));
    json_object_set_new(shown, "is_line",
        json_boolean(field->kind == POLICY_TEXT || field->kind == POLICY_DECIMAL ||
                     field->kind == POLICY_NUMBER));
    json_object_set_new(shown, "is_span", json_boolean(field->kind == POLICY_SPAN));
    json_object_set_new(shown, "is_choice", json_boolean(field->kind == POLICY_CHOICE));
    json_object_set_new(shown, "is_slugs", json_boolean(field->kind == POLICY_SLUGS));
    json_object_set_new(shown, "is_bool", json_boolean(field->kind == POLICY_BOOL));
    json_object_set_new(shown, "is_percents", json_boolean(field->kind == POLICY_PERCENTS));
    json_object_set_new(shown, "is_rows", json_boolean(table));
    json_object_set_new(shown, "checked", json_boolean(!json_is_false(value)));
    json_object_set_new(shown, "numeric", json_boolean(field->kind != POLICY_TEXT));
    json_object_set_new(shown, "choices",
        field->kind == POLICY_SLUGS ? slugs(p, value)
        : field->kind == POLICY_CHOICE
            ? console_choices(p->c, field->parts, "staff_policy_choice", json_string_value(value))
            : json_array());
    json_object_set_new(
        shown, "parts", field->kind == POLICY_PERCENTS ? percents(p, field, value) : json_array());
    json_object_set_new(
        shown, "columns", table ? columns(p, field->parts ? field->parts : amount) : json_array());
    json_object_set_new(shown, "rows",
        field->kind == POLICY_ROWS      ? rows(p, field, value)
        : field->kind == POLICY_AMOUNTS ? amounts(p, value)
                                        : json_array());
    if (field->kind == POLICY_SPAN)
        put_span(p, shown, value);
}

static json_t *show(const struct shown *p, const struct policy_field *field)
{
    bool wrong = is_wrong(p, field->name, NULL, 0);
    json_t *shown = json_pack("{s:s, s:s, s:b}", "field", field->name, "label",
        label_text(p->c->s, console_locale(p->c), "staff_policy", field->name), "invalid", wrong);
    json_object_set_new(shown, "hint", text_or_null(label(p->c, "staff_policy_hint", field->name)));
    json_object_set_new(shown, "wrong", text_or_null(wrong ? message(p->c, p->problem) : NULL));
    json_object_set_new(shown, "unit",
        text_or_null(field->unit ? label(p->c, "staff_policy_unit", field->unit) : NULL));
    put_kind(p, field, shown);
    return shown;
}

json_t *policy_shown(struct call *c, const json_t *document, json_t *components, json_t *problem)
{
    static const char *const groups[] = {"gives", "counts", "limits", "what", NULL};
    struct shown p = {.c = c, .document = document, .components = components, .problem = problem};
    const char *model = json_get_word(document, "model");
    json_t *list = json_array();
    for (const char *const *group = groups; *group; group++) {
        json_t *fields = json_array();
        for (const struct policy_field *field = policy_fields; field->name; field++)
            if (!strcmp(field->group, *group) && policy_field_is_read(field, model))
                json_array_append_new(fields, show(&p, field));
        json_array_append_new(
            list, json_pack("{s:s, s:o}", "legend",
                      label_text(c->s, console_locale(c), "staff_policy_group", *group), "fields",
                      fields));
    }
    return list;
}
