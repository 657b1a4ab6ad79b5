#pragma once
/*
 * The engine of every import: a file is read line by line, each line is checked and copied into a
 * stage, and the stage is written as a set, all lines or none. An error is kept in the stage,
 * beside its line; of a file that is wrong throughout, those of the first 10,000 lines.
 *
 *     static const struct import_kind account_kind = {.line = &account_line_shape,
 *         .stage = &account_stage_rows, .table = "account_stage", .take = take, ...};
 *
 *     struct import import = {.kind = &account_kind, .api = c->api, .in = file, .csv = true};
 *     TRY(import_stage(s, db, &import));      // in a transaction
 *     if (import.refused)
 *         return fail(s, RC_INVALID, ...);
 *     TRY(db_do(s, db, &account_write, NO_PARAMS, NULL));
 */
#include <jansson.h>
#include <stdio.h>

#include "api/call/call.h"
#include "api/imports/import_reader.h"
#include "core/db/db_copy.h"
#include "core/db/locks.h"

struct import;

/* Check a line, then copy it: import_row and the other columns. RC_INVALID with the field, with
 * nothing copied. */
typedef enum rc import_take_fn(
    struct scope *s, struct import *import, const void *line, int64_t number);

/* Called now and then; state is a word of import_state. False: the import is cancelled. */
typedef bool import_progress_fn(struct import *import, const char *state);

struct import_kind {
    const struct shape *line; /* members of an object, columns of a CSV file */
    import_detect_fn *detect; /* other programs' CSV files, or NULL */
    import_take_fn *take;     /* checks a line alone */
    const struct stmt *check; /* marks the lines that only the database can recognise as invalid */
    const char *table;        /* the stage */
    const struct copy_target *stage; /* its columns: line, field, problem, then those of take */
    const struct stmt *clear;        /* empties the stage */
    enum db_lock lock;               /* of the stage */
};

struct import {
    const struct import_kind *kind;
    const struct api *api;
    FILE *in;
    bool csv;                     /* else NDJSON */
    bool dry_run;                 /* nothing is to be written */
    bool skip_invalid;            /* skip invalid lines instead of refusing all */
    import_progress_fn *progress; /* or NULL */

    int64_t lines, wrong; /* read so far */
    int64_t unlisted;     /* wrong lines beyond the first 10,000, which the stage lacks */
    int64_t to_check;     /* by take: number of lines for kind->check */
    bool busy;            /* by import_stage: RC_RETRY because another import has the stage */
    bool refused;         /* by import_stage: there are invalid lines, and they are not skipped */
    struct db_copy copy;
    json_t *words; /* of the catalogue: "kind:word" to id */
};

/* Fill the stage, in the caller's transaction. Invalid lines do not fail this call. */
enum rc import_stage(struct scope *s, struct db *db, struct import *import);

/* The reply to a refused import: the errors of the stage into c->errors, at most a hundred. */
enum rc import_refusal(struct scope *s, struct db *db, const struct import *import, struct call *c);

/* Begin the row of a valid line. */
struct db_copy *import_row(struct import *import, int64_t number);

/* The id of a word of the catalogue, or 0. kind is component, group, incident, list (of accounts),
 * or name (of a component, in lower case). */
int64_t import_word(
    struct scope *s, const struct import *import, const char *kind, const char *word);

/* Is the uploaded file CSV? By format (may be NULL), Content-Type, or its first character. */
bool import_is_csv(const struct request *request, const char *format);
