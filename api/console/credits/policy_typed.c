/* A document from the form. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/console/console.h"
#include "api/console/credits/policy_fields.h"
#include "core/json.h"
#include "core/money.h"

/* An integer if it is one; otherwise the text. */
static json_t *number(const char *text)
{
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    return *end || errno ? json_string(text) : json_integer((json_int_t)n);
}

/* A percentage with at most two decimals as basis points. */
static json_t *basis_points(const char *text)
{
    int64_t bp;
    SCOPE(inner);
    bool plain = money_parse(inner, text, "EUR", &bp) == RC_OK; /* two decimals, too */
    return plain ? json_integer((json_int_t)bp) : json_string(text);
}

static json_t *span(struct call *c, const char *name, const char *text)
{
    const char *unit = form_text(c->form, scope_printf(c->s, "%s.unit", name), "1");
    json_t *n = number(text);
    long long each = strtoll(unit, NULL, 10);
    if (!json_is_integer(n) || each < 1 || each > 86400 || llabs(json_integer_value(n)) > 100000000)
        return n;
    json_integer_set(n, json_integer_value(n) * each);
    return n;
}

json_t *policy_span_typed(const char *text)
{
    static const char letters[] = "smhd";
    static const int seconds[] = {1, 60, 3600, 86400};
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    const char *unit = *end ? strchr(letters, *end) : letters;
    if (errno || end == text || n < 0 || n > 100000000 || !unit || (*end && end[1]))
        return json_string(text);
    return json_integer((json_int_t)n * seconds[unit - letters]);
}

const char *policy_span_text(struct scope *s, json_int_t seconds)
{
    if (seconds && seconds % 86400 == 0)
        return scope_printf(s, "%lldd", (long long)seconds / 86400);
    if (seconds && seconds % 3600 == 0)
        return scope_printf(s, "%lldh", (long long)seconds / 3600);
    if (seconds && seconds % 60 == 0)
        return scope_printf(s, "%lldm", (long long)seconds / 60);
    return scope_printf(s, "%llds", (long long)seconds);
}

/* The texts between commas, without the blanks around them. */
static json_t *words(struct scope *s, const char *text)
{
    json_t *list = json_array();
    for (const char *at = text; *at; at += *at == ',') {
        at += strspn(at, " ");
        size_t len = strcspn(at, ","), bare = len;
        while (bare && at[bare - 1] == ' ')
            bare--;
        if (bare)
            json_array_append_new(list, json_string(scope_strndup(s, at, bare)));
        at += len;
    }
    return list;
}

/* An amount in minor units of the currency; otherwise the text. */
static json_t *minor_units(const char *text, const char *currency)
{
    int64_t minor;
    SCOPE(inner);
    return money_parse(inner, text, currency, &minor) == RC_OK ? json_integer(minor)
                                                               : json_string(text);
}

/* "5.00 EUR, 4.00 GBP". */
static json_t *money(struct scope *s, const char *text)
{
    json_t *object = json_object(), *list = json_own(s, words(s, text)), *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        const char *entry = json_string_value(one), *blank = strrchr(entry, ' ');
        const char *currency = blank ? blank + 1 : entry;
        const char *amount = blank ? scope_strndup(s, entry, (size_t)(blank - entry)) : "";
        json_object_set_new(object, currency, minor_units(amount, currency));
    }
    return object;
}

static json_t *slugs(struct call *c, const char *name)
{
    struct texts values = console_values(c, name);
    json_t *list = json_array();
    for (size_t i = 0; i < values.n; i++)
        json_array_append_new(list, json_string(values.at[i]));
    return list;
}

/* A hidden empty value says that the boxes were shown: none is checked is an answer. */
static json_t *weekdays(struct call *c, const char *name)
{
    struct texts values = console_values(c, name);
    json_t *list = json_array();
    for (size_t i = 0; i < values.n; i++)
        if (*values.at[i])
            json_array_append_new(list, number(values.at[i]));
    return values.n ? list : (json_decref(list), NULL);
}

static json_t *percents(struct call *c, const struct policy_field *field)
{
    json_t *object = json_object();
    for (const char *const *part = field->parts; *part; part++) {
        const char *text = form_text(c->form, scope_printf(c->s, "%s.%s", field->name, *part), "");
        if (*text)
            json_object_set_new(object, *part, basis_points(text));
    }
    return object;
}

/* The cells of a column, row by row. */
static struct texts cells(struct call *c, const char *field, const char *column)
{
    return console_values(c, scope_printf(c->s, "%s.%s", field, column));
}

static bool is_one_of(const char *const *parts, const char *text)
{
    for (; *parts; parts++)
        if (!strcmp(*parts, text))
            return true;
    return false;
}

static json_t *cell(struct scope *s, const struct policy_column *column, const char *text)
{
    switch (column->kind) {
    case POLICY_NUMBER:
        return number(text);
    case POLICY_SPAN:
        return policy_span_typed(text);
    case POLICY_MONEY:
        return money(s, text);
    case POLICY_OPTION:
        return strcmp(text, column->parts[0]) != 0 && is_one_of(column->parts, text)
                   ? json_string(text)
                   : NULL;
    default:
        return json_string(text);
    }
}

/* Columns that the person took away do not count; a form without that choice has them all. */
static bool is_chosen(struct call *c, const char *field, const struct policy_column *column)
{
    struct texts chosen = cells(c, field, "columns");
    bool found = chosen.n == 0;
    for (size_t i = 0; i < chosen.n; i++)
        found = found || !strcmp(chosen.at[i], column->name);
    return found;
}

/* Whether the form has row n, and what is filled in there. */
static bool row(struct call *c, const struct policy_field *field, size_t n, json_t *ret)
{
    bool any = false;
    for (const struct policy_column *column = field->columns; column->name; column++) {
        struct texts all = cells(c, field->name, column->name);
        bool there = n < all.n;
        any = any || there;
        if (there && *all.at[n] && is_chosen(c, field->name, column)) {
            json_t *value = cell(c->s, column, all.at[n]);
            if (value)
                json_object_set_new(ret, column->name, value);
        }
    }
    return any;
}

/* Rows of which every cell is empty are none. */
static json_t *rows(struct call *c, const struct policy_field *field)
{
    json_t *list = json_array();
    bool any = true;
    for (size_t i = 0; any; i++) {
        json_t *one = json_object();
        any = row(c, field, i, one);
        if (json_object_size(one))
            json_array_append(list, one);
        json_decref(one);
    }
    return list;
}

/* An object in rows of two cells. */
static json_t *pairs(struct call *c, const char *field, bool amounts)
{
    struct texts keys = cells(c, field, amounts ? "currency" : "label");
    struct texts values = cells(c, field, amounts ? "amount" : "values");
    json_t *object = json_object();
    for (size_t i = 0; i < keys.n && i < values.n; i++) {
        const char *key = keys.at[i], *text = values.at[i];
        if (!*key && !*text)
            continue;
        json_t *all = json_own(c->s, words(c->s, text));
        json_object_set_new(object, key,
            amounts                     ? minor_units(text, key)
            : json_array_size(all) == 1 ? json_incref(json_array_get(all, 0))
                                        : json_incref(all));
    }
    return object;
}

/* NULL if there is nothing in it. */
static json_t *unless_empty(json_t *value)
{
    bool some = json_is_array(value) ? json_array_size(value) : json_object_size(value);
    return some ? value : (json_decref(value), NULL);
}

/* Several caps begin with an empty one. */
static json_t *caps(const char *how)
{
    return !strcmp(how, "several") ? json_pack("[{}]") : !strcmp(how, "none") ? json_array() : NULL;
}

static json_t *cap_rows(struct call *c, const struct policy_field *field)
{
    json_t *list = unless_empty(rows(c, field));
    return list ? list : json_pack("[{}]");
}

/* What is more than one value. */
static json_t *typed_parts(struct call *c, const struct policy_field *field, const char *text)
{
    switch (field->kind) {
    case POLICY_SLUGS:
        return slugs(c, field->name);
    case POLICY_PERCENTS:
        return percents(c, field);
    case POLICY_ROWS:
        return strcmp(field->name, "caps") ? rows(c, field) : cap_rows(c, field);
    case POLICY_AMOUNTS:
        return pairs(c, field->name, true);
    case POLICY_LABELS:
        return unless_empty(pairs(c, field->name, false));
    case POLICY_MONEY:
        return unless_empty(money(c->s, text));
    case POLICY_WORDS:
        return unless_empty(words(c->s, text));
    case POLICY_WEEKDAYS:
        return weekdays(c, field->name);
    default:
        return NULL;
    }
}

static json_t *typed(struct call *c, const struct policy_field *field)
{
    const char *text = form_text(c->form, field->name, "");
    switch (field->kind) {
    case POLICY_BOOL:
        return json_boolean(*text);
    case POLICY_FLAG:
        return *text ? json_true() : NULL;
    case POLICY_CAPS:
        return caps(text);
    case POLICY_OPTION:
        return is_one_of(field->parts + 1, text) ? json_string(text) : NULL;
    case POLICY_CHOICE:
        return is_one_of(field->parts, text) ? json_string(text) : NULL;
    case POLICY_NUMBER:
        return *text ? number(text) : NULL;
    case POLICY_SPAN:
        return *text ? span(c, field->name, text) : NULL;
    case POLICY_TEXT:
    case POLICY_DECIMAL:
        return *text ? json_string(text) : NULL;
    default:
        return typed_parts(c, field, text);
    }
}

/* Make the objects on the way to the member, too. */
static void set(json_t *object, const char *name, json_t *value)
{
    for (const char *dot; (dot = strchr(name, '.')); name = dot + 1) {
        json_t *part = json_object_getn(object, name, (size_t)(dot - name));
        if (!part)
            json_object_setn_new(object, name, (size_t)(dot - name), part = json_object());
        object = part;
    }
    json_object_set_new(object, name, value);
}

json_t *policy_typed(struct call *c)
{
    json_t *document = json_own(c->s, json_object()), *other;
    const char *model = form_text(c->form, "model", ""), *text = form_text(c->form, "other", "");
    for (const struct policy_field *field = policy_fields; field->name; field++) {
        bool read = policy_field_is_read(field, model) && policy_is_needed(document, field);
        json_t *value = read ? typed(c, field) : NULL;
        if (value)
            set(document, field->kind == POLICY_CAPS ? "caps" : field->name, value);
        if (!strcmp(field->name, "name"))
            json_object_set_new(document, "model", json_string(model));
    }
    if (json_object_get(document, "schedule"))
        set(document, "schedule.every", json_string("window"));
    SCOPE(inner);
    if (json_parse(inner, text, strlen(text), &other) == RC_OK)
        json_object_update_missing(document, other);
    return document;
}

json_t *policy_other(const json_t *document)
{
    json_t *other = json_copy((json_t *)document);
    json_object_del(other, "model");
    for (const struct policy_field *field = policy_fields; field->name; field++)
        if (field->kind != POLICY_CAPS)
            json_object_deln(other, field->name, strcspn(field->name, "."));
    return other;
}

/* The nth key; NULL after the last. */
static const char *key_at(json_t *object, unsigned int n)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) if (!n--) return key;
    return NULL;
}

void policy_rows(json_t *document, const char *what)
{
    char name[64] = "";
    unsigned int n = 0;
    bool more = sscanf(what, "more:%63[a-z_.]", name) == 1;
    if (!more && sscanf(what, "less:%63[a-z_.]:%9u", name, &n) != 2)
        return;
    json_t *rows = policy_value(document, name);
    if (json_is_object(rows) && more)
        json_object_set_new(rows, "", json_string(""));
    else if (json_is_object(rows) && key_at(rows, n))
        json_object_del(rows, key_at(rows, n));
    else if (more)
        json_array_append_new(rows, json_object());
    else
        json_array_remove(rows, n);
}
