#include "api/imports/import.h"

#include <string.h>

#include "api/imports/imports.h"
#include "core/csv.h"
#include "core/json.h"
#include "core/lines.h"

const struct shape import_fault_shape = SHAPE(
    "ImportFault", struct import_fault, FIELD(INT, line), FIELD(TEXT, field), FIELD(TEXT, detail));

void import_error(struct import *import, int64_t line, const char *field, const char *detail)
{
    import->wrong++;
    if (json_array_size(import->errors) >= IMPORT_ERRORS_MAX)
        return;
    json_t *error = json_object();
    json_object_set_new(error, "line", json_integer(line));
    json_object_set_new(error, "field", json_string(field ? field : ""));
    json_object_set_new(error, "detail", json_string(detail ? detail : "is invalid"));
    json_array_append_new(import->errors, error);
}

static void take_line(struct import *import, const char *text, size_t len, int64_t number)
{
    SCOPE(s);
    json_t *line = NULL;
    enum rc rc = json_parse(s, text, len, &line);
    if (rc == RC_OK)
        rc = import->fn(s, import->arg, line, number);
    if (rc != RC_OK)
        import_error(import, number, s->fault.field, s->fault.message);
    import->lines++;
}

static void read_ndjson(struct import *import, FILE *in)
{
    struct lines lines;
    lines_open(&lines, in);
    for (;;) {
        SCOPE(s);
        enum rc rc = lines_next(s, &lines);
        if (rc == RC_NOT_FOUND)
            break;
        if (rc == RC_OK)
            take_line(import, lines.text.buf, lines.text.len, lines.line);
        else
            import_error(import, lines.line, NULL, s->fault.message);
    }
    lines_close(&lines);
}

static bool is_list(const struct import *import, const char *column)
{
    for (const char *const *name = import->list_columns; name && *name; name++)
        if (!strcmp(*name, column))
            return true;
    return false;
}

static json_t *split(struct scope *s, const char *text)
{
    json_t *list = json_array();
    char *copy = scope_strdup(s, text), *rest = NULL;
    for (char *word = strtok_r(copy, " ;", &rest); word; word = strtok_r(NULL, " ;", &rest))
        json_array_append_new(list, json_string(word));
    return list;
}

/* An empty field is an absent one. */
static json_t *record(
    struct scope *s, const struct import *import, struct texts header, struct texts values)
{
    json_t *line = json_own(s, json_object());
    for (size_t i = 0; i < header.n && i < values.n; i++) {
        const char *value = csv_unguard(values.at[i]);
        if (!*value)
            continue;
        json_t *json = is_list(import, header.at[i]) ? split(s, value)
                       : !strcmp(value, "true")      ? json_true()
                       : !strcmp(value, "false")     ? json_false()
                                                     : json_string(value);
        json_object_set_new(line, header.at[i], json);
    }
    return line;
}

/* Names of columns, kept beyond the record that they stand in. */
static enum rc read_header(struct scope *s, struct csv *csv, struct texts *ret)
{
    struct texts fields;
    if (csv_next(s, csv, &fields) != RC_OK)
        return fail(s, RC_INVALID, "a header with the names of the columns is missing");
    const char **names = SCOPE_ARRAY(s, const char *, fields.n);
    for (size_t i = 0; i < fields.n; i++)
        names[i] = scope_strdup(s, fields.at[i]);
    *ret = (struct texts){.at = names, .n = fields.n};
    return RC_OK;
}

/* False at the end, and where what follows means nothing. */
static bool read_record(struct import *import, struct csv *csv, struct texts header)
{
    SCOPE(s);
    struct texts values;
    enum rc rc = csv_next(s, csv, &values);
    if (rc == RC_NOT_FOUND)
        return false;
    if (rc == RC_OK && values.n != header.n)
        rc = fail(s, RC_INVALID, "has %zu fields, the header %zu", values.n, header.n);
    bool parsed = rc == RC_OK;
    if (parsed)
        rc = import->fn(s, import->arg, record(s, import, header, values), csv->line);
    if (rc != RC_OK)
        import_error(import, csv->line, s->fault.field, s->fault.message);
    import->lines++;
    return parsed;
}

static void read_csv(struct import *import, FILE *in)
{
    SCOPE(s);
    struct csv csv;
    struct texts header;
    csv_open(&csv, in);
    if (read_header(s, &csv, &header) != RC_OK)
        import_error(import, 1, "", s->fault.message);
    else
        while (read_record(import, &csv, header))
            ;
    csv_close(&csv);
}

bool import_begins_csv(FILE *in)
{
    int first;
    do
        first = getc(in);
    while (first == ' ' || first == '\t' || first == '\r' || first == '\n');
    rewind(in);
    return first != '{';
}

static bool is_csv(const struct call *c)
{
    const char *type = c->request->content_type;
    if (type && strcasestr(type, "csv"))
        return true;
    if (type && strcasestr(type, "json"))
        return false;
    return import_begins_csv(c->request->upload);
}

enum rc import_verdict(struct import *import)
{
    if (!import->wrong)
        return RC_OK;
    struct call *c = import->c;
    c->errors = json_text(c->s, import->errors);
    return fail(c->s, RC_INVALID, "%zu of %zu lines are wrong; nothing was written", import->wrong,
        import->lines);
}

void import_read(struct import *import)
{
    struct call *c = import->c;
    rewind(c->request->upload);
    import->errors = json_own(c->s, json_array());
    import->wrong = import->lines = 0;
    if (is_csv(c))
        read_csv(import, c->request->upload);
    else
        read_ndjson(import, c->request->upload);
    if (!import->lines && !import->wrong)
        import_error(import, 1, "", "there are no lines");
}
