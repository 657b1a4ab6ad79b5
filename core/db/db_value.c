/* Converts parameters for a statement and its result rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/db/db.h"

enum { ARRAY_MAX = 256 * 1024 * 1024 };

struct param param_int(int64_t value)
{
    struct param p = {0};
    if (value != SHAPE_NONE)
        snprintf(p.own, sizeof p.own, "%lld", (long long)value);
    return p;
}

struct param param_bool(bool value)
{
    return (struct param){.text = value ? "t" : "f"};
}

struct param param_time(int64_t us)
{
    struct param p = {0};
    if (us == SHAPE_NONE)
        return p;
    SCOPE(s);
    snprintf(p.own, sizeof p.own, "%s", clock_rfc3339(s, us));
    return p;
}

struct param param_text(const char *text)
{
    return (struct param){.text = text};
}

struct param param_bytes(const void *bytes, size_t len)
{
    /* An empty value still needs a pointer, or it would be null. */
    return (struct param){
        .text = bytes && !len ? "" : (const char *)bytes, .len = (int)len, .binary = 1};
}

struct param_arrays param_arrays(struct scope *s, struct params params)
{
    size_t n = (size_t)params.n + 1;
    struct param *own = SCOPE_ARRAY(s, struct param, n);
    struct param_arrays arrays = {.values = SCOPE_ARRAY(s, const char *, n),
        .lengths = SCOPE_ARRAY(s, int, n),
        .formats = SCOPE_ARRAY(s, int, n)};
    for (int i = 0; i < params.n; i++) {
        own[i] = params.at[i];
        arrays.values[i] = own[i].text ? own[i].text : *own[i].own ? own[i].own : NULL;
        arrays.lengths[i] = own[i].len;
        arrays.formats[i] = own[i].binary;
    }
    return arrays;
}

static void add_element(struct strbuf *b, const char *text)
{
    if (!text) {
        strbuf_addstr(b, "NULL");
        return;
    }
    strbuf_addch(b, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            strbuf_addch(b, '\\');
        strbuf_addch(b, *text);
    }
    strbuf_addch(b, '"');
}

struct param param_texts(struct scope *s, const struct texts *texts)
{
    if (!texts->at)
        return (struct param){0};
    STRBUF(b, ARRAY_MAX);
    strbuf_addch(&b, '{');
    for (size_t i = 0; i < texts->n; i++) {
        if (i)
            strbuf_addch(&b, ',');
        add_element(&b, texts->at[i]);
    }
    strbuf_addch(&b, '}');
    return (struct param){.text = strbuf_copy(&b, s)};
}

struct param param_ints(struct scope *s, const int64_t *values, size_t n)
{
    STRBUF(b, ARRAY_MAX);
    strbuf_addch(&b, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            strbuf_addch(&b, ',');
        strbuf_addstr(&b, values[i] == SHAPE_NONE ? "NULL" : param_int(values[i]).own);
    }
    strbuf_addch(&b, '}');
    return (struct param){.text = strbuf_copy(&b, s)};
}

/* One element of an array literal, quoted or not; leaves text behind it. */
static const char *read_element(struct scope *s, const char **text)
{
    STRBUF(b, ARRAY_MAX);
    const char *at = *text;
    bool quoted = *at == '"';
    for (at += quoted; *at && (quoted ? *at != '"' : !strchr(",}", *at)); at++) {
        if (*at == '\\' && at[1])
            at++;
        strbuf_addch(&b, *at);
    }
    *text = at + (quoted && *at);
    return strbuf_copy(&b, s);
}

/* A text[] of one dimension, as the server prints it: {a,"b c"}; without NULLs. */
static struct texts read_texts(struct scope *s, const char *literal)
{
    size_t most = 1, n = 0;
    for (const char *at = literal; *at; at++)
        most += *at == ',';
    const char **all = scope_array(s, most, sizeof(*all));
    for (const char *at = literal + 1; *at && *at != '}'; at += *at == ',')
        all[n++] = read_element(s, &at);
    return (struct texts){.at = all, .n = n};
}

/* Values were checked before they were stored, so this checks types but not bounds. */
static enum rc read_column(struct scope *s, const struct field *field, const char *text, void *out)
{
    char *at = (char *)out + field->offset;
    switch (field->type) {
    case FIELD_INT:
        *(int64_t *)at = strtoll(text, NULL, 10);
        return RC_OK;
    case FIELD_BOOL:
        *(bool *)at = *text == 't';
        return RC_OK;
    case FIELD_TIME:
        if (!clock_parse_sql(text, (int64_t *)at))
            return fail_field(s, RC_INTERNAL, field->name, "is not a time that we can read");
        return RC_OK;
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_DECIMAL:
    case FIELD_RAW:
        *(const char **)at = scope_strdup(s, text);
        return RC_OK;
    case FIELD_TEXTS:
        *(struct texts *)at = read_texts(s, text);
        return RC_OK;
    default:
        return fail_field(s, RC_INTERNAL, field->name, "cannot be read from a column");
    }
}

#define ROW_OF(type_name, field_type) \
    { \
        .name = #type_name, .size = sizeof(type_name), .n = 1, .fields = &(const struct field) \
        { \
            .name = "", .type = field_type \
        } \
    }
const struct shape row_int = ROW_OF(int64_t, FIELD_INT);
const struct shape row_bool = ROW_OF(bool, FIELD_BOOL);
const struct shape row_text = ROW_OF(const char *, FIELD_TEXT);

const struct field *row_field(const struct shape *row, int columns, const char *column)
{
    bool nameless = columns == 1 && row->n == 1 && !*row->fields->name;
    return nameless ? row->fields : shape_field(row, column);
}

/* The field of each column, looked up once for all rows. */
static enum rc find_fields(
    struct scope *s, const PGresult *result, const struct shape *shape, const struct field **ret)
{
    for (int c = 0; c < PQnfields(result); c++) {
        ret[c] = row_field(shape, PQnfields(result), PQfname(result, c));
        if (!ret[c])
            return fail(
                s, RC_INTERNAL, "%s has no field for column %s", shape->name, PQfname(result, c));
    }
    return RC_OK;
}

enum rc db_rows(
    struct scope *s, const PGresult *result, const struct shape *shape, struct list *ret)
{
    int columns = PQnfields(result);
    size_t n = (size_t)PQntuples(result);
    const struct field **fields = SCOPE_ARRAY(s, const struct field *, (size_t)columns + 1);
    char *rows = scope_array(s, n + 1, shape->size), *defaults = rows + n * shape->size;
    TRY(find_fields(s, result, shape, fields));
    shape_defaults(s, shape, defaults);
    for (size_t i = 0; i < n; i++) {
        char *row = rows + i * shape->size;
        memcpy(row, defaults, shape->size);
        for (int c = 0; c < columns; c++)
            if (!PQgetisnull(result, (int)i, c))
                TRY(read_column(s, fields[c], PQgetvalue(result, (int)i, c), row));
    }
    *ret = (struct list){.at = rows, .n = n};
    return RC_OK;
}
