#include "core/csv.h"

#include <string.h>

#include "core/utf8.h"

static void advance(struct csv *csv)
{
    csv->c = getc_unlocked(csv->in);
}

void csv_open(struct csv *csv, FILE *in)
{
    *csv = (struct csv){
        .in = in, .separator = ',', .next_line = 1, .text = STRBUF_INIT(CSV_RECORD_MAX)};
    static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};
    advance(csv);
    for (size_t i = 0; i < sizeof(mark) && csv->c == mark[i]; i++)
        advance(csv);
}

void csv_close(struct csv *csv)
{
    strbuf_release(&csv->text);
}

static enum rc quoted(struct scope *s, struct csv *csv)
{
    for (advance(csv); csv->c != EOF; advance(csv)) {
        if (csv->c == '\n')
            csv->next_line++;
        if (csv->c == '"') {
            advance(csv);
            if (csv->c != '"')
                return RC_OK;
        }
        strbuf_addch(&csv->text, (char)csv->c);
    }
    return fail(s, RC_INVALID, "a quoted field does not end");
}

/* At the end of a line or of the text. A CR without LF is text. */
static bool at_line_end(struct csv *csv)
{
    if (csv->c != '\r')
        return csv->c == '\n' || csv->c == EOF;
    int next = getc_unlocked(csv->in);
    ungetc(next, csv->in);
    return next == '\n' || next == EOF;
}

static enum rc field(struct scope *s, struct csv *csv)
{
    size_t start = csv->text.len;
    if (csv->c == '"') {
        TRY(quoted(s, csv));
        if (csv->c != csv->separator && !at_line_end(csv))
            return fail(s, RC_INVALID, "text follows a closing quote");
    } else {
        for (; csv->c != csv->separator && !at_line_end(csv); advance(csv))
            strbuf_addch(&csv->text, (char)csv->c);
    }
    size_t len = csv->text.len - start;
    if (len > CSV_FIELD_MAX)
        return fail(s, RC_INVALID, "a field is longer than %d bytes", CSV_FIELD_MAX);
    if (!utf8_is_valid(csv->text.buf + start, len))
        return fail(s, RC_INVALID, "a field is not valid UTF-8");
    strbuf_addch(&csv->text, '\0');
    if (csv->text.overflow)
        return fail(s, RC_INVALID, "a record is longer than %d bytes", CSV_RECORD_MAX);
    return RC_OK;
}

static void end_line(struct csv *csv)
{
    if (csv->c == '\r')
        advance(csv);
    if (csv->c == '\n')
        advance(csv);
    csv->next_line++;
}

enum rc csv_next(struct scope *s, struct csv *csv, struct texts *ret)
{
    while (csv->c != EOF && at_line_end(csv))
        end_line(csv);
    csv->line = csv->next_line;
    if (csv->c == EOF)
        return RC_NOT_FOUND;
    strbuf_clear(&csv->text);
    size_t n = 0;
    for (;; advance(csv)) {
        if (n == CSV_COLUMNS_MAX)
            return fail(s, RC_INVALID, "more than %d columns", CSV_COLUMNS_MAX);
        csv->start[n++] = csv->text.len;
        TRY(field(s, csv));
        if (csv->c != csv->separator)
            break;
    }
    end_line(csv);
    for (size_t i = 0; i < n; i++)
        csv->at[i] = csv->text.buf + csv->start[i];
    *ret = (struct texts){.at = csv->at, .n = n};
    return RC_OK;
}

static bool begins_formula(const char *text)
{
    return *text && strchr("=+-@\t\r", *text);
}

/* Apostrophes, followed by a character that would begin a formula. */
static bool is_guarded(const char *text)
{
    return *text == '\'' && begins_formula(text + strspn(text, "'"));
}

void csv_add(struct strbuf *b, const char *text, bool last)
{
    if (!text)
        text = "";
    bool guard = begins_formula(text) || is_guarded(text);
    bool quote = guard || strpbrk(text, ",\"\r\n");
    if (quote)
        strbuf_addch(b, '"');
    if (guard)
        strbuf_addch(b, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            strbuf_addch(b, '"');
        strbuf_addch(b, *p);
    }
    if (quote)
        strbuf_addch(b, '"');
    strbuf_addstr(b, last ? "\r\n" : ",");
}

const char *csv_unguard(const char *field)
{
    return is_guarded(field) ? field + 1 : field;
}
