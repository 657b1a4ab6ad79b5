#pragma once
/*
 * A mail compiled once per broadcast x locale: headers and a
 * multipart/alternative body (text first, HTML last), quoted-printable, 7-bit,
 * CRLF, already dot-stuffed; per recipient, only the placeholders are filled in.
 * RFC 5322, 2.1.1 (lines); RFC 2045, 6.7 (quoted-printable); RFC 2047, 2 (encoded words);
 * RFC 8058, 3.1 (one-click unsubscribing); RFC 3834, 5 (Auto-Submitted).
 */
#include <stdint.h>

#include "core/scope.h"
#include "core/strbuf.h"
#include "messages/text_template.h"

struct mime_spec {
    const char *from;             /* "Name <address>" or address, UTF-8 */
    const char *subject;          /* UTF-8; markers of merge fields allowed */
    const char *message_domain;   /* right side of Message-IDs */
    const char *thread_id;        /* root id without <>, or NULL: In-Reply-To and References */
    const char *list_id;          /* "status.example.com", or NULL: a transactional mail */
    const char *unsubscribe_base; /* "https://.../u/", the token follows; NULL: none */
    const char *feedback_id;      /* equal for all recipients, or NULL */
    int64_t date;                 /* us */
    const char *text;             /* UTF-8 with markers, any line ends */
    const char *html;
};

struct mime_message; /* compiled; owned by the scope */

/* RC_INVALID, naming the header, if a value contains CR, LF or NUL. */
enum rc mime_compile(struct scope *s, const struct mime_spec *spec, struct mime_message **ret);

/* Append the message for one recipient: ready for DATA, dot-stuffed, ending in CRLF, without the
 * final dot. values as for text_template_fill; encodes fields. RC_INVALID, with nothing appended,
 * if a value for a header contains CR, LF or NUL. */
enum rc mime_fill(struct scope *s, const struct mime_message *message,
    const char *const values[PLACEHOLDER_MAX], struct strbuf *b);
