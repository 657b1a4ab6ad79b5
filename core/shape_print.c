/* Prints a shape as JSON and as a template's context. */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/shape.h"

static const void *at(const struct field *field, const void *in)
{
    return (const char *)in + field->offset;
}

static const char *text_at(const struct field *field, const void *in)
{
    return *(const char *const *)at(field, in);
}

static int64_t int_at(const struct field *field, const void *in)
{
    return *(const int64_t *)at(field, in);
}

bool shape_has(const struct field *field, const void *in)
{
    switch (field->type) {
    case FIELD_BOOL:
        return true;
    case FIELD_INT:
    case FIELD_TIME:
        return int_at(field, in) != SHAPE_NONE;
    case FIELD_TEXTS:
        return ((const struct texts *)at(field, in))->at;
    case FIELD_LIST:
        return ((const struct list *)at(field, in))->at;
    case FIELD_JSON:
        return false;
    default:
        return text_at(field, in);
    }
}

static void print_string(struct strbuf *b, const char *text)
{
    strbuf_addch(b, '"');
    strbuf_addjson(b, text, strlen(text));
    strbuf_addch(b, '"');
}

static void print_texts(struct strbuf *b, const struct texts *texts)
{
    strbuf_addch(b, '[');
    for (size_t i = 0; i < texts->n; i++) {
        strbuf_addstr(b, i ? "," : "");
        print_string(b, texts->at[i]);
    }
    strbuf_addch(b, ']');
}

static void print_list(struct strbuf *b, const struct shape *shape, const struct list *list)
{
    strbuf_addch(b, '[');
    for (size_t i = 0; i < list->n; i++) {
        strbuf_addstr(b, i ? "," : "");
        shape_print(b, shape, (const char *)list->at + i * shape->size);
    }
    strbuf_addch(b, ']');
}

static void print_value(struct strbuf *b, const struct field *field, const void *in)
{
    switch (field->type) {
    case FIELD_BOOL:
        strbuf_addstr(b, *(const bool *)at(field, in) ? "true" : "false");
        break;
    case FIELD_INT:
        strbuf_addint(b, int_at(field, in));
        break;
    case FIELD_TIME: {
        SCOPE(s);
        strbuf_addch(b, '"');
        strbuf_addstr(b, clock_rfc3339(s, int_at(field, in)));
        strbuf_addch(b, '"');
        break;
    }
    case FIELD_TEXTS:
        print_texts(b, at(field, in));
        break;
    case FIELD_LIST:
        print_list(b, field->of, at(field, in));
        break;
    case FIELD_OBJECT:
        shape_print(b, field->of, text_at(field, in));
        break;
    case FIELD_RAW:
        strbuf_addstr(b, text_at(field, in));
        break;
    default:
        print_string(b, text_at(field, in));
        break;
    }
}

void shape_print(struct strbuf *b, const struct shape *shape, const void *in)
{
    const char *comma = "\"";
    strbuf_addch(b, '{');
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->secret || !shape_has(field, in))
            continue;
        strbuf_addstr(b, comma);
        strbuf_addstr(b, field->name);
        strbuf_addstr(b, "\":");
        print_value(b, field, in);
        comma = ",\"";
    }
    strbuf_addch(b, '}');
}

json_t *shape_json(struct scope *s, const struct shape *shape, const void *in)
{
    STRBUF(b, 64 * 1024 * 1024);
    shape_print(&b, shape, in);
    return json_own(s, json_loadb(b.buf, b.len, 0, NULL));
}
