#include "templates/engine/scan.h"

#include <stdarg.h>
#include <string.h>

enum rc template_fail(
    struct scope *s, const char *name, const char *text, size_t offset, const char *fmt, ...)
{
    unsigned line = 1, column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    va_list ap;
    va_start(ap, fmt);
    const char *message = scope_vprintf(s, fmt, ap);
    va_end(ap);
    return fail(s, RC_INVALID, "%s:%u:%u: %s", name, line, column, message);
}

bool scan_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice scan_trimmed(struct slice t)
{
    for (; t.len && scan_is_space(t.at[0]); t.at++)
        t.len--;
    while (t.len && scan_is_space(t.at[t.len - 1]))
        t.len--;
    return t;
}

/* A tag alone on its line removes the line; indent is the white space before it. */
static void take_line(struct scanner *scan, struct tag *tag)
{
    const char *text = scan->text;
    size_t from = tag->start, to = scan->pos;
    while (from && (text[from - 1] == ' ' || text[from - 1] == '\t'))
        from--;
    if (from && text[from - 1] != '\n')
        return;
    while (text[to] == ' ' || text[to] == '\t')
        to++;
    if (text[to] == '\r' && text[to + 1] == '\n')
        to++;
    if (to < scan->len && text[to] != '\n')
        return;
    tag->standalone = true;
    tag->indent = (struct slice){text + from, tag->start - from};
    scan->pos = to < scan->len ? to + 1 : to;
}

/* Finds the sigil, if any, and the closing delimiter. */
static size_t take_sigil(const struct scanner *scan, size_t at, char *ret_sigil, const char **close)
{
    const char *text = scan->text;
    bool paired = text[at] == '{' || text[at] == '=';
    while (!paired && scan_is_space(text[at]))
        at++;
    if (text[at] && (paired || strchr("#^/!>&@", text[at])))
        *ret_sigil = text[at++];
    const char *extra = *ret_sigil == '{' ? "}" : *ret_sigil == '=' ? "=" : "";
    *close = scope_printf(scan->s, "%s%.*s", extra, (int)scan->close.len, scan->close.at);
    return at;
}

enum rc scan_tag(struct scanner *scan, struct tag *ret, bool *ret_found)
{
    const char *text = scan->text, *end = text + scan->len, *from = text + scan->pos;
    const char *open = memmem(from, (size_t)(end - from), scan->open.at, scan->open.len);
    if (!open)
        return RC_OK;
    struct tag tag = {.start = (size_t)(open - text)};
    const char *closing;
    size_t at = take_sigil(scan, tag.start + scan->open.len, &tag.sigil, &closing);
    const char *close = memmem(text + at, scan->len - at, closing, strlen(closing));
    if (!close)
        return scan_fail(scan, tag.start, "unclosed tag");
    tag.body = (struct slice){text + at, (size_t)(close - text) - at};
    scan->pos = (size_t)(close - text) + strlen(closing);
    if (tag.sigil && strchr("#^/!>=", tag.sigil))
        take_line(scan, &tag);
    *ret = tag;
    *ret_found = true;
    return RC_OK;
}

enum rc scan_delimiters(struct scanner *scan, const struct tag *tag)
{
    struct slice both = scan_trimmed(tag->body), first = both;
    size_t i = 0;
    while (i < both.len && !scan_is_space(both.at[i]))
        i++;
    first.len = i;
    struct slice second = scan_trimmed((struct slice){both.at + i, both.len - i});
    bool good = first.len && second.len && !memchr(both.at, '=', both.len);
    for (size_t k = 0; k < second.len; k++)
        good = good && !scan_is_space(second.at[k]);
    if (!good)
        return scan_fail(scan, tag->start, "invalid delimiters");
    scan->open = first;
    scan->close = second;
    return RC_OK;
}
