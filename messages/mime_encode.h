#pragma once
/*
 * The encodings of a mail: quoted-printable (RFC 2045 6.7) for bodies, encoded
 * words (RFC 2047) for headers. Pure; any octets in, 7-bit out.
 */
#include <stdbool.h>
#include <stddef.h>

#include "core/strbuf.h"

enum { MIME_LINE = 76 };

/* Append text as quoted-printable, starting at *column of the current line, and update *column.
 * Lines stay within 76 octets with their soft breaks, and no line begins with a dot (it becomes
 * =2E), so no dot-stuffing is necessary. CR, LF and CRLF all become CRLF. Encodes white space at
 * the end of text, since a line end may follow. */
void mime_qp(struct strbuf *b, const char *text, size_t len, size_t *column);

/* The same of HTML: & < > " ' become entities, and a line break <br>. */
void mime_qp_html(struct strbuf *b, const char *text, size_t len, size_t *column);

/* Append unstructured header text, folded: unchanged if it is plain ASCII in short words, otherwise
 * as encoded words that never split a character. column: octets already on the line. The caller
 * must have refused CR, LF and NUL. */
void mime_header_text(struct strbuf *b, const char *text, size_t column);

/* Append a display name: atoms, a quoted string, or encoded words. */
void mime_header_phrase(struct strbuf *b, const char *name, size_t column);
