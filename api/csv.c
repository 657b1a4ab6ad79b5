#include "api/csv.h"

#include <string.h>

#include "api/request.h"

enum { COLUMNS_MAX = 64, FIELD_MAX = 64 * 1024 };

void csv_open(struct csv *csv, const char *text, size_t len)
{
    if (len >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) {
        text += 3;
        len -= 3;
    }
    *csv = (struct csv){.at = text, .end = text + len, .next_line = 1};
}

static enum rc quoted(struct scope *s, struct csv *csv, struct strbuf *b)
{
    for (csv->at++; csv->at < csv->end; csv->at++) {
        char c = *csv->at;
        if (c == '\n')
            csv->next_line++;
        if (c == '"') {
            if (csv->at + 1 == csv->end || csv->at[1] != '"') {
                csv->at++;
                return RC_OK;
            }
            csv->at++;
        }
        strbuf_addch(b, c);
    }
    return fail(s, RC_INVALID, "a quoted field does not end");
}

static bool at_line_end(const struct csv *csv)
{
    return csv->at == csv->end || *csv->at == '\n' ||
           (*csv->at == '\r' && (csv->at + 1 == csv->end || csv->at[1] == '\n'));
}

static enum rc field(struct scope *s, struct csv *csv, const char **ret)
{
    STRBUF(b, FIELD_MAX);
    if (csv->at < csv->end && *csv->at == '"') {
        TRY(quoted(s, csv, &b));
        if (!at_line_end(csv) && *csv->at != ',')
            return fail(s, RC_INVALID, "text follows a closing quote");
    } else {
        while (!at_line_end(csv) && *csv->at != ',')
            strbuf_addch(&b, *csv->at++);
    }
    if (b.overflow)
        return fail(s, RC_INVALID, "a field is longer than %d bytes", FIELD_MAX);
    if (!request_is_utf8(b.buf, b.len))
        return fail(s, RC_INVALID, "a field is not valid UTF-8");
    *ret = strbuf_copy(&b, s);
    return RC_OK;
}

static void end_line(struct csv *csv)
{
    if (csv->at < csv->end && *csv->at == '\r')
        csv->at++;
    if (csv->at < csv->end && *csv->at == '\n')
        csv->at++;
    csv->next_line++;
}

enum rc csv_next(struct scope *s, struct csv *csv, struct texts *ret)
{
    while (csv->at < csv->end && at_line_end(csv))
        end_line(csv);
    csv->line = csv->next_line;
    if (csv->at >= csv->end)
        return RC_NOT_FOUND;
    const char **at = SCOPE_ARRAY(s, const char *, COLUMNS_MAX);
    size_t n = 0;
    for (;; csv->at++) {
        if (n == COLUMNS_MAX)
            return fail(s, RC_INVALID, "more than %d columns", COLUMNS_MAX);
        TRY(field(s, csv, &at[n++]));
        if (at_line_end(csv))
            break;
    }
    end_line(csv);
    *ret = (struct texts){.at = at, .n = n};
    return RC_OK;
}

void csv_add(struct strbuf *b, const char *text, bool last)
{
    if (!text)
        text = "";
    bool formula = *text && strchr("=+-@\t\r", *text);
    bool quote = formula || strpbrk(text, ",\"\r\n");
    if (quote)
        strbuf_addch(b, '"');
    if (formula)
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
