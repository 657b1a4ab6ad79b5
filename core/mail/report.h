#pragma once
/* The texts in reports: groups of fields (RFC 3464 2.1, RFC 5965 3), qmail's
 * paragraphs, status codes (RFC 3463). */
#include <stdbool.h>
#include <stddef.h>

#include "core/scope.h"

enum { REPORT_FIELDS = 40, REPORT_TEXT_MAX = 500 };

/* One group of fields, unfolded. */
struct report {
    size_t n;
    struct {
        const char *name, *value;
    } field[REPORT_FIELDS];
};

/* The first group of text (NULL: none). */
void report_read(struct scope *s, const char *text, struct report *ret);
/* The group of a delivery-status whose recipient failed, or else that of the first recipient. */
void report_read_failed(struct scope *s, const char *text, struct report *ret);
/* Value by case-insensitive name; "" if it is absent. */
const char *report_get(const struct report *report, const char *name);

/* The first d.ddd.ddd of text with class 2, 4 or 5; NULL without. */
const char *report_status(struct scope *s, const char *text);

/* qmail's marker at the start of a bounce (QSBMF). */
bool report_is_qmail(const char *text);
/* The paragraph of a plain bounce that gives the reason, as one line. */
const char *report_plain(struct scope *s, const char *text);

/* hard, soft or message by an enhanced status (RFC 3463), or by the first digit of the reply if the
 * status has no meaning. Either may be NULL. */
const char *bounce_class(const char *status, const char *diagnostic);

/* At most max octets of text as one line of valid UTF-8: control characters and invalid octets
 * become spaces, and runs of spaces become one. */
const char *report_line(struct scope *s, const char *text, size_t max);
