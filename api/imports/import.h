#ifndef API_IMPORTS_IMPORT_H
#define API_IMPORTS_IMPORT_H
/*
 * An import reads every line, collects what is wrong by line and field, and writes all
 * lines or none. Lines are NDJSON objects, or CSV records that become the same objects.
 */
#include <jansson.h>
#include <stdio.h>

#include "api/call/call.h"

enum { IMPORT_ERRORS_MAX = 100 };

/* One line, decoded, in a scope of its own: check it and pass it on. */
typedef enum rc import_line_fn(struct scope *s, void *arg, const json_t *line, int64_t number);

struct import {
    struct call *c;
    import_line_fn *fn;
    void *arg;
    json_t *errors; /* the first hundred: array of {line, field, detail} */
    size_t wrong;   /* lines */
    size_t lines;
    const char *const *list_columns; /* CSV columns whose value is split at spaces */
};

/* Reads the whole body from its begin, a line at a time; what is wrong is noted. */
void import_read(struct import *import);

/* By its first character that is no blank: not '{'. in is at its begin afterwards. */
bool import_begins_csv(FILE *in);

/* Note an error; the first hundred are kept. */
void import_error(struct import *import, int64_t line, const char *field, const char *detail);
/* RC_INVALID with c->errors when there are any. */
enum rc import_verdict(struct import *import);

/* An error that only the database could find. */
struct import_fault {
    int64_t line;
    const char *field;
    const char *detail;
};
extern const struct shape import_fault_shape;

#endif
