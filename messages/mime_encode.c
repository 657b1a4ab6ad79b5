#include "messages/mime_encode.h"

#include <string.h>

#include "core/sign.h"

enum { WORD_MAX = 75, WORD_FRAME = 12 /* =?UTF-8?B? and ?= */ };

static const char hex[] = "0123456789ABCDEF";

static void soft_break(struct strbuf *b, size_t *column)
{
    strbuf_add(b, "=\r\n", 3);
    *column = 0;
}

/* Append one octet, unencoded if plain. One column stays free for a "=". */
static void qp_octet(struct strbuf *b, unsigned char c, bool plain, size_t *column)
{
    size_t width = plain ? 1 : 3;
    if (*column + width > MIME_LINE - 1)
        soft_break(b, column);
    if (plain && c == '.' && *column == 0)
        plain = false;
    if (plain) {
        strbuf_addch(b, (char)c);
        *column += 1;
        return;
    }
    strbuf_add(b, (char[]){'=', hex[c >> 4], hex[c & 15]}, 3);
    *column += 3;
}

/* The number of octets at text that need no encoding and fit on the line. */
static size_t plain_run(const char *text, size_t len, size_t column)
{
    size_t room = column < MIME_LINE - 1 ? MIME_LINE - 1 - column : 0;
    size_t n = 0;
    if (column == 0 && len && text[0] == '.')
        return 0;
    while (n < len && n < room && text[n] > ' ' && text[n] < 0x7f && text[n] != '=')
        n++;
    return n;
}

void mime_qp(struct strbuf *b, const char *text, size_t len, size_t *column)
{
    for (size_t i = 0; i < len;) {
        size_t run = plain_run(text + i, len - i, *column);
        if (run) {
            strbuf_add(b, text + i, run);
            *column += run;
            i += run;
            continue;
        }
        unsigned char c = (unsigned char)text[i++];
        if (c == '\r' || c == '\n') {
            if (c == '\r' && i < len && text[i] == '\n')
                i++;
            strbuf_add(b, "\r\n", 2);
            *column = 0;
            continue;
        }
        bool space = c == ' ' || c == '\t';
        bool at_end = i == len || text[i] == '\r' || text[i] == '\n';
        bool plain = (space && !at_end) || (c > ' ' && c < 0x7f && c != '=');
        qp_octet(b, c, plain, column);
    }
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
        return "<br>\n";
    default:
        return NULL;
    }
}

void mime_qp_html(struct strbuf *b, const char *text, size_t len, size_t *column)
{
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        const char *name = entity(text[i]);
        if (!name)
            continue;
        mime_qp(b, text + start, i - start, column);
        mime_qp(b, name, strlen(name), column);
        start = i + 1;
    }
    mime_qp(b, text + start, len - start, column);
}

/* Printable ASCII in short words separated by single spaces, none of which looks like an encoded
 * word. */
static bool is_plain(const char *text)
{
    size_t word = 0;
    for (const char *c = text; *c; c++) {
        if (*c < ' ' || *c > '~' || (c[0] == '=' && c[1] == '?'))
            return false;
        if (*c == ' ' && !word)
            return false;
        word = *c == ' ' ? 0 : word + 1;
        if (word > MIME_LINE - 16)
            return false;
    }
    return word > 0;
}

static void plain_words(struct strbuf *b, const char *text, size_t column)
{
    for (const char *at = text; *at;) {
        size_t len = strcspn(at + 1, " ") + 1; /* a word with the space before it */
        if (column + len > MIME_LINE && *at == ' ') {
            strbuf_add(b, "\r\n", 2);
            column = 0;
        }
        strbuf_add(b, at, len);
        column += len;
        at += len;
    }
}

/* The longest prefix of text within room octets that ends between two characters. */
static size_t whole_characters(const char *text, size_t len, size_t room)
{
    if (len <= room)
        return len;
    size_t n = room;
    for (int back = 0; back < 3 && ((unsigned char)text[n] & 0xc0) == 0x80; back++)
        n--;
    /* If no such place exists, the text is not UTF-8: cut anywhere. */
    return ((unsigned char)text[n] & 0xc0) == 0x80 ? room : n;
}

static void encoded_words(struct strbuf *b, const char *text, size_t column)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len;) {
        size_t room = (MIME_LINE - column < WORD_MAX ? MIME_LINE - column : WORD_MAX) - WORD_FRAME;
        size_t n = whole_characters(text + at, len - at, room / 4 * 3);
        strbuf_addstr(b, "=?UTF-8?B?");
        sign_base64(b, text + at, n);
        strbuf_addstr(b, "?=");
        at += n;
        if (at < len)
            strbuf_addstr(b, "\r\n ");
        column = 1;
    }
}

void mime_header_text(struct strbuf *b, const char *text, size_t column)
{
    if (is_plain(text))
        plain_words(b, text, column);
    else
        encoded_words(b, text, column);
}

void mime_header_phrase(struct strbuf *b, const char *name, size_t column)
{
    bool atoms = true;
    for (const char *c = name; *c; c++)
        atoms = atoms && !strchr("()<>[]:;@\\,.\"", *c);
    if (atoms || !is_plain(name) || strlen(name) > MIME_LINE - column - 2) {
        mime_header_text(b, name, column);
        return;
    }
    strbuf_addch(b, '"');
    for (const char *c = name; *c; c++) {
        if (*c == '"' || *c == '\\')
            strbuf_addch(b, '\\');
        strbuf_addch(b, *c);
    }
    strbuf_addch(b, '"');
}
