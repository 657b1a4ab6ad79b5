#include "api/console/credits/policy_table.h"

#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

static const struct policy_column amount_columns[] = {
    {.name = "currency", .usual = true}, {.name = "amount", .usual = true}, {0}};
static const struct policy_column label_columns[] = {
    {.name = "label", .usual = true}, {.name = "values", .usual = true}, {0}};

static const char *amount_text(struct scope *s, const char *currency, const json_t *minor)
{
    int exponent = money_exponent(currency);
    if (json_is_integer(minor) && exponent >= 0)
        return money_amount(s, json_integer_value(minor), exponent);
    return json_is_string(minor) ? json_string_value(minor) : "";
}

const char *policy_money_text(struct scope *s, json_t *value)
{
    const char *currency, *text = "";
    json_t *minor;
    json_object_foreach(value, currency, minor)
    {
        const char *amount = amount_text(s, currency, minor);
        text = scope_printf(
            s, "%s%s%s%s%s", text, *text ? ", " : "", amount, *amount ? " " : "", currency);
    }
    return text;
}

const char *policy_words_text(struct scope *s, const json_t *value)
{
    const char *text = "";
    size_t i;
    json_t *word;
    json_array_foreach((json_t *)value, i, word) text =
        scope_printf(s, "%s%s%s", text, *text ? ", " : "", json_string_value(word));
    return text;
}

static const char *label_of(const struct shown *p, const struct policy_column *column)
{
    return label_text(p->c->s, console_locale(p->c), "staff_policy_part", column->name);
}

static const char *cell_text(
    const struct shown *p, const struct policy_column *column, json_t *value)
{
    if (column->kind == POLICY_SPAN && json_is_integer(value))
        return policy_span_text(p->c->s, json_integer_value(value));
    return column->kind == POLICY_MONEY ? policy_money_text(p->c->s, value)
                                        : policy_plain(p->c, value);
}

static json_t *cell_of(const struct shown *p, const struct policy_column *column, const char *text,
    bool invalid, int n)
{
    const char *set = column->set ? column->set : "staff_policy_choice";
    json_t *choices =
        column->parts ? console_choices(p->c, column->parts, set, text) : json_array();
    return json_pack("{s:s, s:s, s:s, s:b, s:i, s:b, s:b, s:o}", "part", column->name, "label",
        label_of(p, column), "value", text, "invalid", invalid, "n", n, "select",
        column->parts != NULL, "wide", column->kind == POLICY_MONEY, "choices", choices);
}

static json_t *row_of(json_t *cells, int n)
{
    return json_pack("{s:i, s:i, s:o}", "n", n, "number", n + 1, "cells", cells);
}

/* A column is shown if a row has it; before any has, or for what the person asks, the usual. */
static bool is_shown(const struct shown *p, const struct policy_field *field, const json_t *rows,
    const struct policy_column *column)
{
    bool filled = false, has = false;
    json_t *row;
    size_t i;
    json_array_foreach((json_t *)rows, i, row)
    {
        filled = filled || json_object_size(row);
        json_t *value = json_object_get(row, column->name);
        has = has || (value && (column->kind != POLICY_OPTION ||
                                   strcmp(json_string_value(value), column->parts[0]) != 0));
    }
    struct texts asked =
        p->c->form ? console_values(p->c, scope_printf(p->c->s, "%s.columns", field->name))
                   : (struct texts){0};
    for (i = 0; i < asked.n; i++)
        has = has || !strcmp(asked.at[i], column->name);
    return has || (column->usual && !filled && !asked.n) ||
           policy_is_wrong(p, field->name, column->name, -1);
}

static void put_rows(const struct shown *p, const struct policy_field *field, json_t *value,
    json_t *columns, json_t *rows, json_t *extras)
{
    size_t n = json_array_size(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, row_of(json_array(), (int)i));
    for (const struct policy_column *column = field->columns; column->name; column++) {
        bool shown = is_shown(p, field, value, column);
        json_array_append_new(extras, json_pack("{s:s, s:s, s:b}", "value", column->name, "label",
                                          label_of(p, column), "selected", shown));
        if (!shown)
            continue;
        json_array_append_new(columns, json_string(label_of(p, column)));
        for (size_t i = 0; i < n; i++) {
            json_t *own = json_object_get(json_array_get(value, i), column->name);
            json_array_append_new(json_object_get(json_array_get(rows, i), "cells"),
                cell_of(p, column, cell_text(p, column, own),
                    policy_is_wrong(p, field->name, column->name, (int)i), (int)i));
        }
    }
}

static void add_pair(const struct shown *p, const struct policy_field *field, const char *key,
    json_t *value, json_t *rows)
{
    bool amounts = field->kind == POLICY_AMOUNTS;
    const struct policy_column *columns = amounts ? amount_columns : label_columns;
    int n = (int)json_array_size(rows);
    const char *text = amounts                ? amount_text(p->c->s, key, value)
                       : json_is_array(value) ? policy_words_text(p->c->s, value)
                                              : policy_plain(p->c, value);
    json_t *cells = json_array();
    json_array_append_new(cells, cell_of(p, &columns[0], key, false, n));
    json_array_append_new(
        cells, cell_of(p, &columns[1], text, *key && policy_is_wrong(p, field->name, key, -1), n));
    json_array_append_new(rows, row_of(cells, n));
}

static void put_pairs(const struct shown *p, const struct policy_field *field, json_t *value,
    json_t *columns, json_t *rows)
{
    const struct policy_column *column =
        field->kind == POLICY_AMOUNTS ? amount_columns : label_columns;
    const char *key;
    json_t *one;
    for (; column->name; column++)
        json_array_append_new(columns, json_string(label_of(p, column)));
    json_object_foreach(value, key, one) add_pair(p, field, key, one, rows);
    if (!json_array_size(rows))
        add_pair(p, field, "", NULL, rows);
}

void policy_put_table(
    const struct shown *p, const struct policy_field *field, json_t *value, json_t *shown)
{
    json_t *columns = json_array(), *rows = json_array(), *extras = json_array();
    if (field->kind == POLICY_ROWS)
        put_rows(p, field, value, columns, rows, extras);
    if (field->kind == POLICY_AMOUNTS || field->kind == POLICY_LABELS)
        put_pairs(p, field, value, columns, rows);
    json_object_set_new(shown, "columns", columns);
    json_object_set_new(shown, "rows", rows);
    json_object_set_new(shown, "extras", extras);
}
