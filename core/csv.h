#pragma once
/*
 * CSV (RFC 4180): CRLF or LF, quoted fields with line breaks. Read record by record from a
 * stream, so that a file of any size takes the memory of its longest record.
 *
 *     struct csv csv;
 *     struct texts fields;
 *     csv_open(&csv, file);
 *     while ((rc = csv_next(s, &csv, &fields)) == RC_OK)
 *         take(fields, csv.line);
 *     csv_close(&csv);
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/scope.h"
#include "core/shape.h"
#include "core/strbuf.h"

enum { CSV_COLUMNS_MAX = 64, CSV_FIELD_MAX = 64 * 1024, CSV_RECORD_MAX = 256 * 1024 };

struct csv {
    FILE *in;       /* borrowed */
    int c;          /* the character read ahead, or EOF */
    char separator; /* ',' unless set after csv_open */
    int64_t line;   /* the line on which the last record read begins */
    int64_t next_line;
    struct strbuf text; /* that record, each field with its NUL */
    size_t start[CSV_COLUMNS_MAX];
    const char *at[CSV_COLUMNS_MAX];
};

void csv_open(struct csv *csv, FILE *in); /* steps over a byte order mark */
void csv_close(struct csv *csv);          /* frees; in stays open */

/* Read the next record. csv owns the fields until the next call. RC_NOT_FOUND at the end;
 * RC_INVALID for broken quotes, NULs, bad UTF-8, too many fields or too long ones: stop reading
 * then, since the rest cannot be trusted. Skips empty lines. */
enum rc csv_next(struct scope *s, struct csv *csv, struct texts *ret);

/* Append a field, followed by CRLF if it is the last one and by a comma otherwise. Text that a
 * spreadsheet would evaluate as a formula gets a leading apostrophe (OWASP, "CSV Injection"), and
 * so does text that begins with an apostrophe before such a character, so that csv_unguard restores
 * the original. NULL is empty. */
void csv_add(struct strbuf *b, const char *text, bool last);

/* A field as it was before csv_add put its apostrophe in front. */
const char *csv_unguard(const char *field);
