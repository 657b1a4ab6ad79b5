#ifndef API_CSV_H
#define API_CSV_H
/* CSV (RFC 4180), CRLF or LF, quoted fields with line breaks. */
#include <stdbool.h>
#include <stddef.h>

#include "core/scope.h"
#include "core/shape.h"
#include "core/strbuf.h"

struct csv {
    const char *at;
    const char *end;
    int64_t line; /* of the record that csv_next read last */
    int64_t next_line;
};

void csv_open(struct csv *csv, const char *text, size_t len); /* steps over a BOM */

/* The next record into s. RC_NOT_FOUND at the end, RC_INVALID for broken quotes, NULs or
 * bad UTF-8. Empty lines are left out. */
enum rc csv_next(struct scope *s, struct csv *csv, struct texts *ret);

/* Append a field; last: with CRLF, else a comma. Text that a spreadsheet would take for a
 * formula gets an apostrophe in front (SPEC 6.9). NULL is empty. */
void csv_add(struct strbuf *b, const char *text, bool last);

#endif
