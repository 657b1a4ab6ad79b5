#include "core/strbuf.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char strbuf_empty[1];

void strbuf_init(struct strbuf *b, size_t max)
{
    *b = (struct strbuf){.buf = strbuf_empty, .max = max};
}

void strbuf_release(struct strbuf *b)
{
    if (b->alloc)
        free(b->buf);
    strbuf_init(b, b->max);
}

void strbuf_clear(struct strbuf *b)
{
    b->len = 0;
    b->overflow = false;
    if (b->alloc)
        b->buf[0] = '\0';
}

bool strbuf_reserve(struct strbuf *b, size_t extra)
{
    if (extra > b->max || b->len > b->max - extra) {
        b->overflow = true;
        return false;
    }
    size_t need = b->len + extra + 1;
    if (need <= b->alloc)
        return true;
    size_t alloc = b->alloc < 64 ? 64 : b->alloc + b->alloc / 2;
    if (alloc < need)
        alloc = need;
    char *grown = realloc(b->alloc ? b->buf : NULL, alloc);
    if (!grown)
        abort();
    grown[b->len] = '\0';
    b->buf = grown;
    b->alloc = alloc;
    return true;
}

void strbuf_add(struct strbuf *b, const void *bytes, size_t len)
{
    if (!len || !strbuf_reserve(b, len))
        return;
    memcpy(b->buf + b->len, bytes, len);
    b->len += len;
    b->buf[b->len] = '\0';
}

void strbuf_addstr(struct strbuf *b, const char *text)
{
    strbuf_add(b, text, strlen(text));
}

void strbuf_addch(struct strbuf *b, char c)
{
    if (b->len >= b->max || b->len + 1 >= b->alloc) {
        strbuf_add(b, &c, 1);
        return;
    }
    b->buf[b->len++] = c;
    b->buf[b->len] = '\0';
}

void strbuf_addint(struct strbuf *b, int64_t value)
{
    char digits[24], *at = digits + sizeof(digits);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--at = '-';
    strbuf_add(b, at, (size_t)(digits + sizeof(digits) - at));
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    /* Usually there is room already, so it is formatted once. */
    size_t room = b->alloc ? b->alloc - b->len : 0;
    int len = vsnprintf(room ? b->buf + b->len : NULL, room, fmt, ap);
    va_end(ap);
    if (len < 0)
        abort();
    bool fits = strbuf_reserve(b, (size_t)len);
    if (fits && (size_t)len >= room)
        vsnprintf(b->buf + b->len, (size_t)len + 1, fmt, again);
    if (fits)
        b->len += (size_t)len;
    else if (room)
        b->buf[b->len] = '\0';
    va_end(again);
}

enum rc strbuf_read(struct scope *s, const char *path, struct strbuf *b)
{
    CLEANUP(file_close) FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
    if (!file)
        return fail(s, RC_INVALID, "cannot open %s: %m", path);
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;)
        strbuf_add(b, chunk, n);
    if (b->overflow || ferror(file))
        return fail(s, RC_INVALID, "cannot read %s", path);
    return RC_OK;
}

void strbuf_drop(struct strbuf *b, size_t n)
{
    if (n > b->len)
        abort();
    if (!n)
        return;
    b->len -= n;
    memmove(b->buf, b->buf + n, b->len);
    b->buf[b->len] = '\0';
}

char *strbuf_copy(const struct strbuf *b, struct scope *s)
{
    return scope_strndup(s, b->buf, b->len);
}

void strbuf_addjson(struct strbuf *b, const char *text, size_t len)
{
    static const char *const short_form[0x20] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        strbuf_add(b, text + start, i - start);
        start = i + 1;
        if (c == '"' || c == '\\')
            strbuf_addf(b, "\\%c", c);
        else if (short_form[c])
            strbuf_addstr(b, short_form[c]);
        else
            strbuf_addf(b, "\\u%04x", c);
    }
    strbuf_add(b, text + start, len - start);
}

void strbuf_addhtml(struct strbuf *b, const char *text)
{
    for (; *text; text++)
        if (strchr("&<>\"'", *text))
            strbuf_addf(b, "&#%d;", *text);
        else
            strbuf_addch(b, *text);
}

void strbuf_addpercent(struct strbuf *b, const char *text)
{
    for (; *text; text++)
        if (isalnum((unsigned char)*text) || strchr("-._~", *text))
            strbuf_addch(b, *text);
        else
            strbuf_addf(b, "%%%02X", (unsigned char)*text);
}
