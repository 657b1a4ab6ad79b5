#pragma once
/* CSV exports of other programs, and what reading them shares. A reader who opted out there never
 * arrives active: a file that cannot say who did is refused. */
#include "api/imports/subscriber_line.h"

/* A record of another program's file. */
struct foreign {
    struct texts columns, values;
};

/* The value of the first of these columns (NULL-terminated) that is not empty, or "". */
const char *foreign_value(const struct foreign *record, const char *const *names);
#define FOREIGN(record, ...) foreign_value(record, (const char *const[]){__VA_ARGS__, NULL})

/* Read a time as RFC 3339, as PostgreSQL, Go or a spreadsheet writes it; UTC without an offset.
 * Empty and Go's zero time: *ret stays. RC_INVALID with the field. */
enum rc foreign_time(struct scope *s, const char *field, const char *text, int64_t *ret);

/* From subscriber_foreign_mail.c; each is NULL for other programs' columns, and RC_INVALID if the
 * columns do not say who opted out. */
enum rc foreign_mailing(struct scope *s, struct texts columns, import_foreign_fn **ret);
