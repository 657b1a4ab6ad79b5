#ifndef API_IMPORT_H
#define API_IMPORT_H
/*
 * An import reads every line, collects what is wrong by line and field, and writes all
 * lines or none. Lines are NDJSON objects, or CSV records that become the same objects.
 */
#include <jansson.h>
#include <stdio.h>

#include "api/call.h"

enum { IMPORT_ERRORS_MAX = 100 };

/* One line, decoded: check it and add what the database needs to rows. */
typedef enum rc import_line_fn(
    struct scope *s, const struct call *c, const json_t *line, int64_t number, json_t *rows);

struct import {
    struct call *c;
    import_line_fn *fn;
    json_t *rows;   /* array, owned by c->s */
    json_t *errors; /* array of {line, field, detail} */
    size_t lines;
    const char *const *list_columns; /* CSV columns whose value is split at spaces */
};

/* Reads the whole body; RC_INVALID with c->errors when a line was wrong. */
enum rc import_read(struct import *import);

/* By its first character that is no blank: not '{'. in is at its begin afterwards. */
bool import_begins_csv(FILE *in);

/* In a transaction: let its statements take as long as they need. */
enum rc import_unhurried(struct scope *s, struct db *db);

/* Note an error; the first hundred are kept. */
void import_error(struct import *import, int64_t line, const char *field, const char *detail);
/* RC_INVALID with c->errors when there are any. */
enum rc import_verdict(struct import *import);

struct import_result {
    int64_t created;
    int64_t updated;
    int64_t skipped;
    const char *secrets; /* JSON: signing secrets of new webhooks, told once */
    const char *errors;  /* JSON: always empty on success */
};

/* An error that only the database could find. */
struct import_fault {
    int64_t line;
    const char *field;
    const char *detail;
};
extern const struct shape import_fault_shape;

#endif
