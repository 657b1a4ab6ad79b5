#ifndef CORE_DB_DB_COPY_H
#define CORE_DB_DB_COPY_H
/*
 * Many rows in and out without holding them: COPY into a table, and a query whose rows are
 * looked at one by one. Memory does not depend on their number.
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

/* The test that prepares every statement checks table and columns by the SELECT. */
#define COPY_IN(id, table, columns) \
    static const struct copy_target id = { \
        .stmt = {.name = #id, .sql = "COPY " table " (" columns ") FROM STDIN"}}; \
    STMT(id##_columns, "SELECT " columns " FROM " table)

struct db_copy {
    struct db *db;
    const struct copy_target *target;
    PGconn *conn;
    struct strbuf rows; /* not sent yet */
    bool inside;        /* a row is begun */
    int64_t n;          /* rows so far */
};

/* Until db_copy_end the connection does nothing else. */
enum rc db_copy_begin(
    struct scope *s, struct db *db, const struct copy_target *target, struct db_copy *ret);

/* The next value of a row, in the order of the columns. NULL and SHAPE_NONE are SQL null.
 * Text has to be valid UTF-8. */
void db_copy_text(struct db_copy *copy, const char *text);
void db_copy_int(struct db_copy *copy, int64_t value);
void db_copy_bool(struct db_copy *copy, bool value);
void db_copy_time(struct db_copy *copy, int64_t us); /* timestamptz */
void db_copy_bytes(struct db_copy *copy, const void *bytes, size_t len);
void db_copy_ints(struct db_copy *copy, const int64_t *values, size_t n); /* bigint[]; n 0: null */

/* The row is complete. RC_RETRY when the connection is lost. */
enum rc db_copy_row(struct scope *s, struct db_copy *copy);

/* End it: with RC_OK all rows are in the table, or the fault says why not. Any other rc takes
 * all of them back and is returned. To be called once after db_copy_begin, whatever happened. */
enum rc db_copy_end(struct scope *s, struct db_copy *copy, enum rc rc);

/* Call fn for each row of a query, as it arrives; row is a struct of stmt->row, in a scope of
 * its own. Not RC_OK from fn ends the query and is returned; its fault has to be in s. fn must
 * not use db. */
typedef enum rc db_row_fn(struct scope *s, const void *row, void *arg);
enum rc db_each(struct scope *s, struct db *db, const struct stmt *stmt, struct params params,
    db_row_fn *fn, void *arg);

#endif
