#include "api/imports/import_reader.h"

#include <ctype.h>
#include <string.h>

static char *column_name(struct scope *s, const char *text)
{
    char *name = scope_strdup(s, text + strspn(text, " "));
    for (char *p = name; *p; p++)
        *p = *p == ' ' || *p == '-' ? '_' : (char)tolower((unsigned char)*p);
    return name;
}

static enum rc no_column(
    struct scope *s, const struct shape *shape, const char *name, import_detect_fn *detect)
{
    STRBUF(b, CSV_FIELD_MAX);
    for (size_t i = 0; i < shape->n; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : "", shape->fields[i].name);
    return fail_field(s, RC_INVALID, name, "there is no such column; the columns are %s%s", b.buf,
        detect ? "; CSV exports of Statuspage, listmonk, Mailchimp, Keila and Brevo are read "
                 "as they are"
               : "");
}

/* Spreadsheets and Brevo may write semicolons or tabs: what the header has, if it has no comma. */
static char separator_of(FILE *in)
{
    char found = ',';
    bool quoted = false;
    int c;
    while ((c = getc_unlocked(in)) != EOF && c != '\n') {
        quoted ^= c == '"';
        if (c == ',' && !quoted) {
            found = ',';
            break;
        }
        if ((c == ';' || c == '\t') && !quoted && found == ',')
            found = (char)c;
    }
    rewind(in);
    return found;
}

static enum rc read_header(struct scope *s, struct import_reader *reader, import_detect_fn *detect)
{
    struct texts header;
    enum rc rc = csv_next(s, &reader->csv, &header);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? fail(s, RC_INVALID, "there are no lines") : rc;
    const char **names = SCOPE_ARRAY(s, const char *, header.n + 1);
    for (size_t i = 0; i < header.n; i++)
        names[i] = column_name(s, header.at[i]);
    reader->columns = (struct texts){.at = names, .n = header.n};
    if (detect)
        TRY(detect(s, reader->columns, &reader->foreign));
    reader->fields = SCOPE_ARRAY(s, const struct field *, header.n);
    for (size_t i = 0; i < header.n && !reader->foreign; i++) {
        reader->fields[i] = shape_field(reader->shape, names[i]);
        if (!reader->fields[i])
            return no_column(s, reader->shape, names[i], detect);
    }
    return RC_OK;
}

enum rc import_reader_open(struct scope *s, const struct shape *shape, import_detect_fn *detect,
    FILE *in, bool csv, struct import_reader *ret)
{
    *ret =
        (struct import_reader){.shape = shape, .is_csv = csv, .blank = scope_alloc(s, shape->size)};
    rewind(in);
    if (!csv) {
        lines_open(&ret->lines, in);
        return RC_OK;
    }
    char separator = separator_of(in);
    csv_open(&ret->csv, in);
    ret->csv.separator = separator;
    shape_defaults(s, shape, ret->blank);
    return read_header(s, ret, detect);
}

void import_reader_close(struct import_reader *reader)
{
    if (reader->is_csv)
        csv_close(&reader->csv);
    else
        lines_close(&reader->lines);
}

struct texts import_split(struct scope *s, const char *text)
{
    if (!text)
        return (struct texts){0};
    size_t n = 0;
    const char **words = SCOPE_ARRAY(s, const char *, strlen(text) / 2 + 1);
    char *copy = scope_strdup(s, text), *rest = NULL;
    for (char *word = strtok_r(copy, " ;", &rest); word; word = strtok_r(NULL, " ;", &rest))
        words[n++] = word;
    return (struct texts){.at = words, .n = n};
}

static enum rc check_required(struct scope *s, const struct shape *shape, const void *line)
{
    for (size_t i = 0; i < shape->n; i++)
        if (shape->fields[i].required && !shape_has(&shape->fields[i], line))
            return fail_field(s, RC_INVALID, shape->fields[i].name, "is required");
    return RC_OK;
}

/* An object from the values of its fields. */
static enum rc set_object(struct scope *s, const struct shape *shape, const char *text, void *ret)
{
    char *rest = scope_strdup(s, text), *value;
    shape_defaults(s, shape, ret);
    for (size_t i = 0; i < shape->n && (value = strsep(&rest, ":")); i++)
        if (*value)
            TRY(shape_set(s, &shape->fields[i], value, ret));
    if (rest)
        return fail(s, RC_INVALID, "has more than %zu parts", shape->n);
    return check_required(s, shape, ret);
}

static enum rc set_list(
    struct scope *s, const struct field *field, struct texts words, struct list *ret)
{
    char *objects = scope_array(s, words.n + 1, field->of->size);
    for (size_t i = 0; i < words.n; i++)
        if (set_object(s, field->of, words.at[i], objects + i * field->of->size) != RC_OK)
            return fail_field(s, RC_INVALID,
                scope_printf(s, "%s[%zu]%s%s", field->name, i, s->fault.field ? "." : "",
                    s->fault.field ? s->fault.field : ""),
                "%s", s->fault.message);
    *ret = (struct list){.at = objects, .n = words.n};
    return RC_OK;
}

static enum rc set(struct scope *s, const struct field *field, const char *value, void *line)
{
    void *at = (char *)line + field->offset;
    if (field->type == FIELD_LIST)
        return set_list(s, field, import_split(s, value), at);
    if (field->type != FIELD_TEXTS)
        return shape_set(s, field, value, line);
    *(struct texts *)at = import_split(s, value);
    return RC_OK;
}

static enum rc next_record(struct scope *s, struct import_reader *reader, void *ret)
{
    struct texts values;
    enum rc rc = csv_next(s, &reader->csv, &values);
    reader->broken = rc == RC_INVALID;
    TRY(rc);
    if (values.n != reader->columns.n)
        return fail(s, RC_INVALID, "has %zu fields, the header %zu", values.n, reader->columns.n);
    memcpy(ret, reader->blank, reader->shape->size);
    if (reader->foreign)
        return reader->foreign(s, reader->columns, values, ret);
    for (size_t i = 0; i < values.n; i++) {
        const char *value = csv_unguard(values.at[i]);
        if (*value)
            TRY(set(s, reader->fields[i], value, ret));
    }
    return check_required(s, reader->shape, ret);
}

enum rc import_reader_next(struct scope *s, struct import_reader *reader, void *ret_line)
{
    if (reader->is_csv)
        return next_record(s, reader, ret_line);
    TRY(lines_next(s, &reader->lines));
    return shape_parse(s, reader->shape, reader->lines.text.buf, reader->lines.text.len, ret_line);
}

int64_t import_reader_line(const struct import_reader *reader)
{
    return reader->is_csv ? reader->csv.line : reader->lines.line;
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
