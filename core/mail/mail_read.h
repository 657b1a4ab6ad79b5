#pragma once
/* A mail of ours as its reader's program shows it (RFC 5322, RFC 2045). */
#include <stddef.h>

#include "core/scope.h"

/* Texts are UTF-8 and owned by the scope; "" where the mail has none. */
struct mail_read {
    const char *subject; /* decoded, one line */
    const char *headers; /* all, unfolded and decoded: "Name: value" lines */
    const char *text;    /* of text/plain */
    const char *html;    /* of text/html */
};

/* RC_INVALID if the bytes are no mail. */
enum rc mail_read(struct scope *s, const char *bytes, size_t len, struct mail_read *ret);
