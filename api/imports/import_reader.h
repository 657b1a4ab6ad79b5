#pragma once
/*
 * The file of an import, line by line as structs of a shape: NDJSON, or CSV whose header names the
 * fields. A CSV file holds a list as words between spaces or semicolons; a word of a list of
 * objects holds the values of an object's fields between colons. An empty CSV field is absent.
 *
 *     struct import_reader reader;
 *     enum rc rc = import_reader_open(s, &shape, NULL, file, csv, &reader);
 *     while (rc == RC_OK && (rc = import_reader_next(s, &reader, &line)) == RC_OK)
 *         take(&line, import_reader_line(&reader));
 *     import_reader_close(&reader);
 */
#include "core/csv.h"
#include "core/lines.h"
#include "core/shape.h"

/* Reads a record of another program's CSV file; columns are its names, in lower case and with _
 * for spaces. RC_INVALID with the column. */
typedef enum rc import_foreign_fn(
    struct scope *s, struct texts columns, struct texts values, void *ret_line);

/* The program that writes these columns, whose array ends with NULL; *ret stays NULL: ours.
 * RC_INVALID: that program's file lacks a column. */
typedef enum rc import_detect_fn(struct scope *s, struct texts columns, import_foreign_fn **ret);

struct import_reader {
    const struct shape *shape;
    bool is_csv;
    bool broken; /* the rest cannot be read */
    struct csv csv;
    struct lines lines;
    struct texts columns;
    const struct field **fields; /* of our columns */
    import_foreign_fn *foreign;
    void *blank; /* a line without any field */
};

/* Read the header of a CSV file, kept in s. detect may be NULL. RC_INVALID for a column that no
 * format has. Close the reader whatever the outcome; in stays open. */
enum rc import_reader_open(struct scope *s, const struct shape *shape, import_detect_fn *detect,
    FILE *in, bool csv, struct import_reader *ret);
void import_reader_close(struct import_reader *reader);

/* The next line into a struct of the shape. RC_NOT_FOUND at the end, RC_INVALID with the field. */
enum rc import_reader_next(struct scope *s, struct import_reader *reader, void *ret_line);

/* The number of the line that was read last. */
int64_t import_reader_line(const struct import_reader *reader);

/* The words of a CSV field between spaces or semicolons; NULL: none. */
struct texts import_split(struct scope *s, const char *text);

/* Does a file begin like CSV, that is, not with '{'? Rewinds it. */
bool import_begins_csv(FILE *in);
