#pragma once
/*
 * Several statements in one round trip and one transaction: libpq's pipeline mode with
 * one Sync at the end. All of them take effect, or none; each sees what those before it
 * did. Not inside db_txn. A pipe is used once.
 *
 *     struct db_pipe pipe = {.db = db};
 *     int settled = db_pipe_add(s, &pipe, &settle, PARAMS(P_INT(id)));
 *     int claimed = db_pipe_add(s, &pipe, &claim, PARAMS(P_INT(id)));
 *     TRY(db_pipe_run(s, &pipe));
 *     TRY(db_pipe_rows(s, &pipe, claimed, &rows));
 */
#include "core/db/db.h"

enum { DB_PIPE_MAX = 32 };

struct db_pipe_query {
    const struct stmt *stmt;
    struct param_arrays params;
    int n;
    PGresult *result;
};

struct db_pipe {
    struct db *db;
    int n;
    struct db_pipe_query query[DB_PIPE_MAX];
};

/* Append a statement and return its index. Texts that parameters borrow must live until db_pipe_run
 * returns. More than DB_PIPE_MAX aborts. */
int db_pipe_add(
    struct scope *s, struct db_pipe *pipe, const struct stmt *stmt, struct params params);

/* Send all statements and wait for all results, which s owns. RC_RETRY: nothing took effect, or, if
 * the connection was lost, perhaps everything did. */
enum rc db_pipe_run(struct scope *s, struct db_pipe *pipe);

/* The rows of the statement at an index, as db_all returns them. */
enum rc db_pipe_rows(struct scope *s, const struct db_pipe *pipe, int at, struct list *ret);
