#pragma once
/*
 * A growing byte buffer with a ceiling.
 *
 * Invariants: buf is never NULL and always NUL-terminated at buf[len]; len never exceeds max. An
 * append that would exceed max is dropped whole and sets `overflow`, which stays set until
 * strbuf_clear: writers append without checking, and the user of the result checks once.
 *
 *     STRBUF(b, 64 * 1024);                  // released at the closing brace
 *     strbuf_addf(&b, "HELO %s\r\n", host);
 *     if (b.overflow)
 *         return fail(s, RC_INVALID, "message too large");
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"

struct strbuf {
    char *buf;
    size_t len;
    size_t alloc; /* 0 while buf is the shared empty string */
    size_t max;   /* in bytes, without the NUL */
    bool overflow;
};

extern char strbuf_empty[1];

#define STRBUF_INIT(ceiling) \
    { \
        .buf = strbuf_empty, .max = (ceiling) \
    }
#define STRBUF(name, ceiling) CLEANUP(strbuf_release) struct strbuf name = STRBUF_INIT(ceiling)

void strbuf_init(struct strbuf *b, size_t max);
void strbuf_release(struct strbuf *b); /* frees; the buffer is empty and usable again */
void strbuf_clear(struct strbuf *b);   /* empties, keeps the memory */

/* Make room for extra more bytes; false and overflow when that passes max. */
bool strbuf_reserve(struct strbuf *b, size_t extra);

void strbuf_add(struct strbuf *b, const void *bytes, size_t len);
void strbuf_addstr(struct strbuf *b, const char *text);
void strbuf_addch(struct strbuf *b, char c);
/* Append in decimal, four times as fast as "%lld". */
void strbuf_addint(struct strbuf *b, int64_t value);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Append a file ("-": standard input). RC_INVALID where it cannot be read or passes max. */
enum rc strbuf_read(struct scope *s, const char *path, struct strbuf *b);

/* Remove the first n bytes, n <= len. */
void strbuf_drop(struct strbuf *b, size_t n);

/* A NUL-terminated copy of the content in a scope. */
char *strbuf_copy(const struct strbuf *b, struct scope *s);

/* Append text as the inside of a JSON string, quotes not included (RFC 8259). */
void strbuf_addjson(struct strbuf *b, const char *text, size_t len);

/* Append text for a query, with all but the unreserved characters of RFC 3986 as %XX. */
void strbuf_addpercent(struct strbuf *b, const char *text);

/* Append text for HTML or SVG, inside an element or a quoted attribute. */
void strbuf_addhtml(struct strbuf *b, const char *text);
