#ifndef CORE_MAIL_REPORT_H
#define CORE_MAIL_REPORT_H
/* The texts inside of reports: groups of fields (RFC 3464 2.1, RFC 5965 3), qmail's
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
/* Of a delivery-status: the first recipient's group that says failed, else the first one's. */
void report_read_failed(struct scope *s, const char *text, struct report *ret);
/* Value by name, whatever its case; "" without. */
const char *report_get(const struct report *report, const char *name);

/* The first d.ddd.ddd of text with class 2, 4 or 5; NULL without. */
const char *report_status(struct scope *s, const char *text);

/* qmail's marker at the begin of a bounce (QSBMF). */
bool report_is_qmail(const char *text);
/* The paragraph of a plain bounce that says why, as one line. */
const char *report_plain(struct scope *s, const char *text);

/* hard, soft or message by an enhanced status (RFC 3463), or by what the other side's reply
 * begins with where the status says nothing. Either may be NULL. */
const char *bounce_class(const char *status, const char *diagnostic);

/* At most max octets of text as one line of valid UTF-8: controls and broken octets become
 * spaces, spaces are joined. */
const char *report_line(struct scope *s, const char *text, size_t max);

#endif
