/* The schema of a shape in OpenAPI 3.0, in which every generator of clients agrees (decision 107).
 */
#include <string.h>

#include "core/shape.h"

static void add_string(struct strbuf *b, const char *text)
{
    strbuf_addch(b, '"');
    strbuf_addjson(b, text, strlen(text));
    strbuf_addch(b, '"');
}

static void add_ref(struct strbuf *b, const struct shape *shape)
{
    strbuf_addf(b, "{\"$ref\":\"#/components/schemas/%s\"}", shape->name);
}

static void add_words(struct strbuf *b, const char *const *words)
{
    strbuf_addstr(b, ",\"enum\":[");
    for (size_t i = 0; words[i]; i++) {
        strbuf_addstr(b, i ? "," : "");
        add_string(b, words[i]);
    }
    strbuf_addch(b, ']');
}

static bool have_signs(const char *const *words)
{
    while (*words && !strpbrk(*words, "=!~"))
        words++;
    return *words;
}

/* Names of words such as "!=", for generators that make none of their own. */
static void add_names(struct strbuf *b, const char *const *words)
{
    strbuf_addstr(b, ",\"x-enum-varnames\":[");
    for (size_t i = 0; words[i]; i++) {
        strbuf_addstr(b, i ? ",\"" : "\"");
        for (const char *c = words[i]; *c; c++) {
            const char letter[] = {*c, '\0'};
            strbuf_addstr(b, *c == '='   ? "Equal"
                             : *c == '!' ? "Not"
                             : *c == '~' ? "Match"
                                         : letter);
        }
        strbuf_addch(b, '"');
    }
    strbuf_addch(b, ']');
}

static void add_text(struct strbuf *b, const struct field *field, bool read)
{
    strbuf_addstr(b, "\"type\":\"string\"");
    if (field->one_of)
        add_words(b, field->one_of);
    if (field->one_of && have_signs(field->one_of))
        add_names(b, field->one_of);
    if (!field->one_of && read)
        strbuf_addf(b, ",\"minLength\":%zu,\"maxLength\":%zu", shape_text_min(field),
            shape_text_max(field));
}

static void add_int(struct strbuf *b, const struct field *field, bool read)
{
    strbuf_addstr(b, "\"type\":\"integer\",\"format\":\"int64\"");
    if (!read || !(field->min || field->max))
        return;
    strbuf_addf(b, ",\"minimum\":%lld", (long long)field->min);
    if (field->max != INT64_MAX) /* which programs that count in doubles read as 2^63 */
        strbuf_addf(b, ",\"maximum\":%lld", (long long)field->max);
}

/* An array, up to its items. */
static void add_array(struct strbuf *b, const struct field *field, bool read)
{
    strbuf_addstr(b, "\"type\":\"array\",");
    if (read && field->min)
        strbuf_addf(b, "\"minItems\":%lld,", (long long)field->min);
    if (read)
        strbuf_addf(b, "\"maxItems\":%zu,", shape_list_max(field));
    strbuf_addstr(b, "\"items\":");
}

static void add_texts(struct strbuf *b, const struct field *field, bool read)
{
    const struct field element = {.type = FIELD_TEXT, .one_of = field->one_of};
    add_array(b, field, read);
    strbuf_addch(b, '{');
    add_text(b, &element, read);
    strbuf_addch(b, '}');
}

static void add_object(struct strbuf *b, const struct field *field)
{
    if (!field->of) {
        strbuf_addstr(b, "\"type\":\"object\",\"additionalProperties\":true");
        return;
    }
    strbuf_addstr(b, "\"allOf\":["); /* a description may not stand beside $ref */
    add_ref(b, field->of);
    strbuf_addch(b, ']');
}

#define INT64 "\"type\":\"integer\",\"format\":\"int64\""
#define MAP_OF(value) "\"type\":\"object\",\"additionalProperties\":{" value "}"

static const char counts_map[] = MAP_OF(MAP_OF(INT64));
static const char int_map[] = MAP_OF(INT64);
static const char id_item[] = "{\"oneOf\":[{" INT64 "},{\"type\":\"string\"}]}";
static const char int_item[] = "{" INT64 "}";

static void add_form(struct strbuf *b, const struct field *field, bool read)
{
    static const char *const fixed[] = {[FORM_INT_MAP] = int_map,
        [FORM_COUNTS_MAP] = counts_map,
        [FORM_TEXT] = "\"type\":\"string\"",
        [FORM_INT] = INT64,
        [FORM_BOOL] = "\"type\":\"boolean\""};
    static const char *const items[] = {
        [FORM_TEXTS] = "{\"type\":\"string\"}", [FORM_INTS] = int_item, [FORM_IDS] = id_item};
    switch (field->form) {
    case FORM_ANY:
        break;
    case FORM_OBJECT:
        add_object(b, field);
        break;
    case FORM_WORD:
        strbuf_addstr(b, "\"oneOf\":[{\"type\":\"string\"},");
        add_ref(b, field->of);
        strbuf_addch(b, ']');
        break;
    case FORM_LIST:
        add_array(b, field, read);
        add_ref(b, field->of);
        break;
    case FORM_MAP:
        strbuf_addstr(b, "\"type\":\"object\",\"additionalProperties\":");
        add_ref(b, field->of);
        break;
    case FORM_TEXTS:
    case FORM_INTS:
    case FORM_IDS:
        add_array(b, field, read);
        strbuf_addstr(b, items[field->form]);
        break;
    default:
        strbuf_addstr(b, fixed[field->form]);
        break;
    }
}

static void add_value(struct strbuf *b, const struct field *field, bool read)
{
    switch (field->type) {
    case FIELD_BOOL:
        strbuf_addstr(b, "\"type\":\"boolean\"");
        break;
    case FIELD_INT:
        add_int(b, field, read);
        break;
    case FIELD_TIME:
        strbuf_addstr(b, "\"type\":\"string\",\"format\":\"date-time\"");
        break;
    case FIELD_DATE:
        strbuf_addstr(b, "\"type\":\"string\",\"format\":\"date\"");
        break;
    case FIELD_DECIMAL:
        strbuf_addstr(b, "\"type\":\"string\",\"pattern\":\"^-?[0-9]{1,18}(\\\\.[0-9]{1,18})?$\"");
        break;
    case FIELD_TEXTS:
        add_texts(b, field, read);
        break;
    case FIELD_LIST:
        add_array(b, field, read);
        add_ref(b, field->of);
        break;
    case FIELD_OBJECT:
        add_object(b, field);
        break;
    case FIELD_JSON:
    case FIELD_RAW:
        add_form(b, field, read);
        break;
    default:
        add_text(b, field, read);
        break;
    }
}

static void add_default(struct strbuf *b, const struct field *field)
{
    strbuf_addstr(b, ",\"default\":");
    if (field->type == FIELD_INT || field->type == FIELD_BOOL)
        strbuf_addstr(b, field->def);
    else
        add_string(b, field->def);
}

void shape_field_schema(struct strbuf *b, const struct field *field, bool read)
{
    add_value(b, field, read);
    if (read && field->def && *field->def)
        add_default(b, field);
}

/* A default is told in words: openapi-typescript takes a property that has one for required. */
static void add_property(struct strbuf *b, const struct field *field, bool read)
{
    strbuf_addf(b, "\"%s\":{", field->name);
    add_value(b, field, read);
    if (field->nullable)
        strbuf_addstr(b, ",\"nullable\":true");
    if (field->doc) {
        strbuf_addstr(b, ",\"description\":\"");
        strbuf_addjson(b, field->doc, strlen(field->doc));
        if (read && field->def && *field->def)
            strbuf_addf(b, " Default: %s.", field->def);
        strbuf_addch(b, '"');
    }
    strbuf_addch(b, '}');
}

/* A BOOL is always printed. */
static bool is_required(const struct field *field, bool read)
{
    return field->required || (!read && field->type == FIELD_BOOL);
}

static void add_required(struct strbuf *b, const struct shape *shape, bool read)
{
    const char *comma = ",\"required\":[";
    for (size_t i = 0; i < shape->n; i++) {
        if (shape->fields[i].secret || !is_required(&shape->fields[i], read))
            continue;
        strbuf_addstr(b, comma);
        add_string(b, shape->fields[i].name);
        comma = ",";
    }
    if (!comma[1])
        strbuf_addch(b, ']');
}

void shape_schema(struct strbuf *b, const struct shape *shape, bool read)
{
    const char *comma = "";
    strbuf_addf(b, "{\"type\":\"object\"%s", read ? ",\"additionalProperties\":false" : "");
    add_required(b, shape, read);
    strbuf_addstr(b, ",\"properties\":{");
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->secret)
            continue;
        strbuf_addstr(b, comma);
        add_property(b, field, read);
        comma = ",";
    }
    strbuf_addstr(b, "}}");
}
