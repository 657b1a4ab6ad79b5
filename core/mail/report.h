#pragma once
/* The groups of fields in reports (RFC 3464 2.1, RFC 5965 3). */
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

/* At most max octets of text as one line of valid UTF-8: control characters and invalid octets
 * become spaces, and runs of spaces become one. */
const char *report_line(struct scope *s, const char *text, size_t max);
