/* The table, and a document from the form. */
#include "api/console/credits/policy_fields.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "core/money.h"

const char *const policy_models[] = {"tiered", "prorata", "days", "fixed", NULL};
static const char *const pers[] = {"run", "incident", "affected_day", NULL};
static const char *const audiences[] = {"affected", "all", NULL};
static const char *const roundings[] = {"half_up", "half_even", "up", NULL};
static const char *const tier[] = {"uptime_below", "percent", NULL};
static const char *const levels[] = {
    "major_outage", "partial_outage", "degraded_performance", NULL};

const struct policy_field policy_fields[] = {
    {.name = "name", .kind = POLICY_TEXT, .group = "what"},
    {.name = "tiers", .kind = POLICY_ROWS, .group = "gives", .models = " tiered ", .parts = tier},
    {.name = "multiplier", .kind = POLICY_DECIMAL, .group = "gives", .models = " prorata "},
    {.name = "days", .kind = POLICY_DECIMAL, .group = "gives", .models = " days ", .unit = "days"},
    {.name = "per", .kind = POLICY_CHOICE, .group = "gives", .models = " days ", .parts = pers},
    {.name = "amounts", .kind = POLICY_AMOUNTS, .group = "gives", .models = " fixed "},
    {.name = "audience",
        .kind = POLICY_CHOICE,
        .group = "gives",
        .models = " days fixed ",
        .parts = audiences},
    {.name = "components", .kind = POLICY_SLUGS, .group = "counts"},
    {.name = "weights_bp", .kind = POLICY_PERCENTS, .group = "counts", .parts = levels},
    {.name = "min_block_seconds", .kind = POLICY_SPAN, .group = "counts"},
    {.name = "exclude_maintenance", .kind = POLICY_BOOL, .group = "counts"},
    {.name = "maintenance_notice_hours", .kind = POLICY_NUMBER, .group = "counts", .unit = "hours"},
    {.name = "cap_percent", .kind = POLICY_DECIMAL, .group = "limits", .unit = "percent"},
    {.name = "rounding", .kind = POLICY_CHOICE, .group = "limits", .parts = roundings},
    {.name = "min_credit_minor", .kind = POLICY_NUMBER, .group = "limits", .unit = "minor"},
    {0},
};

bool policy_field_is_read(const struct policy_field *field, const char *model)
{
    STRBUF(word, 256);
    strbuf_addf(&word, " %s ", model);
    return !field->models || strstr(field->models, word.buf);
}

/* An integer if it is one; otherwise the text. */
static json_t *number(const char *text)
{
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    return *end || errno ? json_string(text) : json_integer((json_int_t)n);
}

/* A percentage with at most two decimals as basis points. */
static json_t *basis_points(struct call *c, const char *text)
{
    int64_t bp;
    SCOPE(inner);
    bool plain = money_parse(inner, text, "EUR", &bp) == RC_OK; /* two decimals, too */
    (void)c;
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

static json_t *slugs(struct call *c, const char *name)
{
    struct texts values = console_values(c, name);
    json_t *list = json_array();
    for (size_t i = 0; i < values.n; i++)
        json_array_append_new(list, json_string(values.at[i]));
    return list;
}

static json_t *percents(struct call *c, const struct policy_field *field)
{
    json_t *object = json_object();
    for (const char *const *part = field->parts; *part; part++) {
        const char *text = form_text(c->form, scope_printf(c->s, "%s.%s", field->name, *part), "");
        if (*text)
            json_object_set_new(object, *part, basis_points(c, text));
    }
    return object;
}

/* The cells of a column, row by row. */
static struct texts column(struct call *c, const struct policy_field *field, const char *part)
{
    return console_values(c, scope_printf(c->s, "%s.%s", field->name, part));
}

/* Rows of which every cell is empty are none. */
static json_t *rows(struct call *c, const struct policy_field *field)
{
    json_t *list = json_array();
    for (size_t i = 0;; i++) {
        json_t *row = json_object();
        bool any = false, filled = false;
        for (const char *const *part = field->parts; *part; part++) {
            struct texts cells = column(c, field, *part);
            any = any || i < cells.n;
            const char *text = i < cells.n ? cells.at[i] : "";
            filled = filled || *text;
            json_object_set_new(row, *part, json_string(text));
        }
        if (filled)
            json_array_append(list, row);
        json_decref(row);
        if (!any)
            return list;
    }
}

static json_t *amounts(struct call *c, const struct policy_field *field)
{
    struct texts currencies = column(c, field, "currency"), values = column(c, field, "amount");
    json_t *object = json_object();
    for (size_t i = 0; i < currencies.n && i < values.n; i++) {
        int64_t minor;
        SCOPE(inner);
        const char *currency = currencies.at[i], *text = values.at[i];
        if (!*currency && !*text)
            continue;
        bool plain = money_parse(inner, text, currency, &minor) == RC_OK;
        json_object_set_new(object, currency, plain ? json_integer(minor) : json_string(text));
    }
    return object;
}

static json_t *typed(struct call *c, const struct policy_field *field)
{
    const char *text = form_text(c->form, field->name, "");
    switch (field->kind) {
    case POLICY_BOOL:
        return json_boolean(*text);
    case POLICY_SLUGS:
        return slugs(c, field->name);
    case POLICY_PERCENTS:
        return percents(c, field);
    case POLICY_ROWS:
        return rows(c, field);
    case POLICY_AMOUNTS:
        return amounts(c, field);
    case POLICY_NUMBER:
        return *text ? number(text) : NULL;
    case POLICY_SPAN:
        return *text ? span(c, field->name, text) : NULL;
    case POLICY_TEXT:
    case POLICY_DECIMAL:
    case POLICY_CHOICE:
        break;
    }
    return *text ? json_string(text) : NULL;
}

json_t *policy_typed(struct call *c)
{
    json_t *document = json_own(c->s, json_object()), *other;
    const char *model = form_text(c->form, "model", ""), *text = form_text(c->form, "other", "");
    for (const struct policy_field *field = policy_fields; field->name; field++) {
        json_t *value = policy_field_is_read(field, model) ? typed(c, field) : NULL;
        if (value)
            json_object_set_new(document, field->name, value);
        if (!strcmp(field->name, "name"))
            json_object_set_new(document, "model", json_string(model));
    }
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
        json_object_del(other, field->name);
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
    bool more = sscanf(what, "more:%63[a-z_]", name) == 1;
    if (!more && sscanf(what, "less:%63[a-z_]:%9u", name, &n) != 2)
        return;
    json_t *rows = json_object_get(document, name);
    if (json_is_object(rows) && more)
        json_object_set_new(rows, "", json_string(""));
    else if (json_is_object(rows) && key_at(rows, n))
        json_object_del(rows, key_at(rows, n));
    else if (more)
        json_array_append_new(rows, json_object());
    else
        json_array_remove(rows, n);
}
