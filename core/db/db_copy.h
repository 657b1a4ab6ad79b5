#pragma once
/*
 * Many rows in and out in constant memory: COPY into a table, and a query that passes its rows to a
 * function one by one.
 *
 *     COPY_IN(stage, "import_stage", "line, address, hash");
 *
 *     struct db_copy copy;
 *     TRY(db_copy_begin(s, db, &stage, &copy));
 *     enum rc rc = RC_OK;
 *     while (rc == RC_OK && more()) {
 *         db_copy_int(&copy, line);
 *         db_copy_text(&copy, address);
 *         db_copy_bytes(&copy, hash, sizeof hash);
 *         rc = db_copy_row(s, &copy);
 *     }
 *     TRY(db_copy_end(s, &copy, rc));
 */
#include "core/db/db.h"
#include "core/strbuf.h"

struct copy_target {
    struct stmt stmt; /* its sql is the COPY */
};

/* The SELECT lets the test that prepares every statement check table and columns. */
#define COPY_IN(id, table, columns) \
    static const struct copy_target id = { \
        .stmt = {.name = #id, .sql = "COPY " table " (" columns ") FROM STDIN"}}; \
    STMT(id##_columns, "SELECT " columns " FROM " table)

struct db_copy {
    struct db *db;
    const struct copy_target *target;
    PGconn *conn;
    struct strbuf rows; /* not sent yet */
    int columns;        /* of a row */
    int values;         /* of the row that is begun */
    int64_t n;          /* rows so far */
};

/* The connection can do nothing else until db_copy_end. */
enum rc db_copy_begin(
    struct scope *s, struct db *db, const struct copy_target *target, struct db_copy *ret);

/* The next value of a row, in the order of the columns. NULL and SHAPE_NONE are SQL null.
 * Text must be valid UTF-8. */
void db_copy_text(struct db_copy *copy, const char *text);
void db_copy_int(struct db_copy *copy, int64_t value);
void db_copy_bool(struct db_copy *copy, bool value);
void db_copy_time(struct db_copy *copy, int64_t us); /* timestamptz */
void db_copy_bytes(struct db_copy *copy, const void *bytes, size_t len);
void db_copy_ints(struct db_copy *copy, const int64_t *values, size_t n); /* bigint[]; n 0: null */
void db_copy_rest(struct db_copy *copy); /* null in all columns that are left */

/* The row is complete. RC_RETRY when the connection is lost. */
enum rc db_copy_row(struct scope *s, struct db_copy *copy);

/* End the COPY. With RC_OK, either all rows are in the table or the fault says why not; any other
 * rc discards them all and is returned. Call it exactly once after db_copy_begin. */
enum rc db_copy_end(struct scope *s, struct db_copy *copy, enum rc rc);

/* Call fn for each row of a query as it arrives; row is a struct of stmt->row in its own scope. Any
 * result of fn but RC_OK ends the query and is returned; its fault must be in s. fn must not use
 * db. */
typedef enum rc db_row_fn(struct scope *s, const void *row, void *arg);
enum rc db_each(struct scope *s, struct db *db, const struct stmt *stmt, struct params params,
    db_row_fn *fn, void *arg);

/* Cancel the query that runs; its other rows are still to be read. */
void db_give_up(PGconn *conn);
