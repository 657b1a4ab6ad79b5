#include "core/shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/utf8.h"

enum { TEXT_DEFAULT_MAX = 1000, LIST_DEFAULT_MAX = 1000 };

size_t shape_text_min(const struct field *field)
{
    return field->min < 0 ? 0 : field->min ? (size_t)field->min : 1;
}

size_t shape_text_max(const struct field *field)
{
    return field->max ? (size_t)field->max : TEXT_DEFAULT_MAX;
}

size_t shape_list_max(const struct field *field)
{
    return field->max ? (size_t)field->max : LIST_DEFAULT_MAX;
}

static void *at(const struct field *field, void *out)
{
    return (char *)out + field->offset;
}

const struct field *shape_field(const struct shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->n; i++) {
        if (!strcmp(shape->fields[i].name, name))
            return &shape->fields[i];
    }
    return NULL;
}

bool shape_one_of(const char *const *words, const char *text)
{
    for (; *words; words++) {
        if (!strcmp(*words, text))
            return true;
    }
    return false;
}

static const char *words_text(struct scope *s, const char *const *words)
{
    STRBUF(b, 4096);
    for (size_t i = 0; words[i]; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : "", words[i]);
    return strbuf_copy(&b, s);
}

static enum rc check_text(
    struct scope *s, const struct field *field, const char *path, const char *text, size_t len)
{
    size_t min = shape_text_min(field), max = shape_text_max(field);
    size_t characters = utf8_count(text);
    if (characters < min)
        return fail_field(s, RC_INVALID, path, len ? "is too short" : "must not be empty");
    if (characters > max)
        return fail_field(s, RC_INVALID, path, "is longer than %zu characters", max);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != 0x7f)
            continue;
        if (field->multiline && (c == '\n' || c == '\r' || c == '\t'))
            continue;
        return fail_field(s, RC_INVALID, path, "must not contain the control character 0x%02x", c);
    }
    if (field->one_of && !shape_one_of(field->one_of, text))
        return fail_field(s, RC_INVALID, path, "must be one of %s", words_text(s, field->one_of));
    return RC_OK;
}

static enum rc check_int(
    struct scope *s, const struct field *field, const char *path, int64_t value)
{
    if ((field->min || field->max) && (value < field->min || value > field->max))
        return fail_field(s, RC_INVALID, path, "must be between %lld and %lld",
            (long long)field->min, (long long)field->max);
    if (value == SHAPE_NONE)
        return fail_field(s, RC_INVALID, path, "is out of range");
    return RC_OK;
}

static enum rc check_decimal(struct scope *s, const char *path, const char *text)
{
    const char *p = text + (*text == '-');
    size_t whole = strspn(p, "0123456789");
    size_t fraction = p[whole] == '.' ? strspn(p + whole + 1, "0123456789") : 0;
    const char *end = p + whole + (p[whole] == '.' ? 1 + fraction : 0);
    if (!whole || *end || (p[whole] == '.' && !fraction) || whole > 18 || fraction > 18)
        return fail_field(s, RC_INVALID, path, "must be a decimal number such as \"99.9\"");
    return RC_OK;
}

static enum rc parse_int(struct scope *s, const char *path, const char *text, int64_t *ret)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end || strchr(" \t\n\v\f\r", *text))
        return fail_field(s, RC_INVALID, path, "must be an integer");
    *ret = value;
    return RC_OK;
}

static enum rc parse_bool(struct scope *s, const char *path, const char *text, bool *ret)
{
    static const char *const yes[] = {"1", "t", "true", "yes", "on", NULL};
    static const char *const no[] = {"0", "f", "false", "no", "off", "", NULL};
    if (!shape_one_of(yes, text) && !shape_one_of(no, text))
        return fail_field(s, RC_INVALID, path, "must be true or false");
    *ret = shape_one_of(yes, text);
    return RC_OK;
}

static enum rc set_time(struct scope *s, const char *path, const char *text, int64_t *ret)
{
    if (!clock_parse(text, ret) && !clock_parse_sql(text, ret))
        return fail_field(s, RC_INVALID, path, "must be a time such as \"2013-01-15T05:06:00Z\"");
    return RC_OK;
}

/* Types that are a string in JSON and plain text in SQL and INI. */
static enum rc set_text(struct scope *s, const struct field *field, const char *path,
    const char *text, size_t len, void *out)
{
    switch (field->type) {
    case FIELD_TIME: {
        int64_t us;
        TRY(set_time(s, path, text, &us));
        *(int64_t *)at(field, out) = us;
        return RC_OK;
    }
    case FIELD_DATE:
        if (!clock_is_date(text))
            return fail_field(s, RC_INVALID, path, "must be a date such as \"2013-01-31\"");
        break;
    case FIELD_DECIMAL:
        TRY(check_decimal(s, path, text));
        break;
    default:
        TRY(check_text(s, field, path, text, len));
        break;
    }
    *(const char **)at(field, out) = scope_strndup(s, text, len);
    return RC_OK;
}

enum rc shape_set(struct scope *s, const struct field *field, const char *text, void *out)
{
    switch (field->type) {
    case FIELD_INT: {
        int64_t value;
        TRY(parse_int(s, field->name, text, &value));
        TRY(check_int(s, field, field->name, value));
        *(int64_t *)at(field, out) = value;
        return RC_OK;
    }
    case FIELD_BOOL:
        return parse_bool(s, field->name, text, at(field, out));
    case FIELD_TEXT:
    case FIELD_TIME:
    case FIELD_DATE:
    case FIELD_DECIMAL:
        return set_text(s, field, field->name, text, strlen(text), out);
    case FIELD_RAW:
        *(const char **)at(field, out) = scope_strdup(s, text);
        return RC_OK;
    default:
        return fail_field(s, RC_INTERNAL, field->name, "cannot be read from text");
    }
}

void shape_defaults(struct scope *s, const struct shape *shape, void *out)
{
    memset(out, 0, shape->size);
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->type == FIELD_INT || field->type == FIELD_TIME)
            *(int64_t *)at(field, out) = SHAPE_NONE;
        /* Defaults are trusted and may lie outside the bounds: "" means none. */
        if (field->def && (field->type == FIELD_TEXT || field->type == FIELD_DECIMAL))
            *(const char **)at(field, out) = field->def;
        else if (field->def && shape_set(s, field, field->def, out) != RC_OK)
            abort();
    }
}

static enum rc read_value(
    struct scope *s, const struct field *field, const char *path, const json_t *json, void *out);

static const char *join(struct scope *s, const char *path, const char *name)
{
    return *path ? scope_printf(s, "%s.%s", path, name) : name;
}

static enum rc read_field(
    struct scope *s, const struct field *field, const char *path, const json_t *json, void *out)
{
    const char *where = join(s, path, field->name);
    const json_t *value = json_object_get(json, field->name);
    if (json_is_null(value))
        return fail_field(s, RC_INVALID, where, "must not be null; leave it out instead");
    if (value)
        return read_value(s, field, where, value, out);
    return field->required ? fail_field(s, RC_INVALID, where, "is required") : RC_OK;
}

static enum rc read_object(
    struct scope *s, const struct shape *shape, const char *path, const json_t *json, void *out)
{
    if (!json_is_object(json)) {
        if (*path)
            return fail_field(s, RC_INVALID, path, "must be an object");
        return fail(s, RC_INVALID, "the body must be a JSON object");
    }
    shape_defaults(s, shape, out);
    enum rc rc = RC_OK;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value)
    {
        if (!shape_field(shape, key))
            rc = fail_field(s, RC_INVALID, join(s, path, key), "is not a known field");
    }
    for (size_t i = 0; i < shape->n; i++) {
        enum rc one = read_field(s, &shape->fields[i], path, json, out);
        rc = one == RC_OK ? rc : one;
    }
    return rc;
}

static enum rc check_count(
    struct scope *s, const struct field *field, const char *path, const json_t *json)
{
    size_t n = json_array_size(json);
    size_t max = shape_list_max(field);
    if (!json_is_array(json))
        return fail_field(s, RC_INVALID, path, "must be an array");
    if (n < (size_t)field->min)
        return fail_field(
            s, RC_INVALID, path, "must have at least %lld elements", (long long)field->min);
    if (n > max)
        return fail_field(s, RC_INVALID, path, "must have at most %zu elements", max);
    return RC_OK;
}

static enum rc read_texts(struct scope *s, const struct field *field, const char *path,
    const json_t *json, struct texts *ret)
{
    TRY(check_count(s, field, path, json));
    struct field element = {.one_of = field->one_of};
    size_t n = json_array_size(json);
    const char **texts = SCOPE_ARRAY(s, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const char *where = scope_printf(s, "%s[%zu]", path, i);
        const json_t *value = json_array_get(json, i);
        if (!json_is_string(value))
            return fail_field(s, RC_INVALID, where, "must be a string");
        TRY(check_text(s, &element, where, json_string_value(value), json_string_length(value)));
        texts[i] = scope_strndup(s, json_string_value(value), json_string_length(value));
    }
    *ret = (struct texts){.at = texts, .n = n};
    return RC_OK;
}

static enum rc read_list(struct scope *s, const struct field *field, const char *path,
    const json_t *json, struct list *ret)
{
    TRY(check_count(s, field, path, json));
    size_t n = json_array_size(json);
    char *elements = scope_array(s, n + 1, field->of->size);
    enum rc rc = RC_OK;
    for (size_t i = 0; i < n; i++) {
        enum rc one = read_object(s, field->of, scope_printf(s, "%s[%zu]", path, i),
            json_array_get(json, i), elements + i * field->of->size);
        rc = one == RC_OK ? rc : one;
    }
    if (rc == RC_OK)
        *ret = (struct list){.at = elements, .n = n};
    return rc;
}

static enum rc read_value(
    struct scope *s, const struct field *field, const char *path, const json_t *json, void *out)
{
    switch (field->type) {
    case FIELD_INT:
        if (!json_is_integer(json))
            return fail_field(s, RC_INVALID, path, "must be an integer");
        TRY(check_int(s, field, path, json_integer_value(json)));
        *(int64_t *)at(field, out) = json_integer_value(json);
        return RC_OK;
    case FIELD_BOOL:
        if (!json_is_boolean(json))
            return fail_field(s, RC_INVALID, path, "must be true or false");
        *(bool *)at(field, out) = json_is_true(json);
        return RC_OK;
    case FIELD_TEXT:
    case FIELD_TIME:
    case FIELD_DATE:
    case FIELD_DECIMAL:
        if (!json_is_string(json))
            return fail_field(s, RC_INVALID, path, "must be a string");
        return set_text(s, field, path, json_string_value(json), json_string_length(json), out);
    case FIELD_JSON:
        *(const json_t **)at(field, out) = json;
        return RC_OK;
    case FIELD_TEXTS:
        return read_texts(s, field, path, json, at(field, out));
    case FIELD_OBJECT: {
        void *inner = scope_alloc(s, field->of->size);
        TRY(read_object(s, field->of, path, json, inner));
        *(void **)at(field, out) = inner;
        return RC_OK;
    }
    case FIELD_LIST:
        return read_list(s, field, path, json, at(field, out));
    case FIELD_RAW:
        *(const char **)at(field, out) = json_text(s, json);
        return RC_OK;
    }
    return RC_INTERNAL;
}

enum rc shape_read(struct scope *s, const struct shape *shape, const json_t *json, void *out)
{
    fail_gather(s, true);
    enum rc rc = read_object(s, shape, "", json, out);
    fail_gather(s, false);
    return rc;
}

enum rc shape_parse(
    struct scope *s, const struct shape *shape, const char *text, size_t len, void *out)
{
    json_t *json = NULL;
    TRY(json_parse(s, text, len, &json));
    return shape_read(s, shape, json, out);
}
