#include "core/db/script.h"

#include <unistd.h>

#define TABLE_WAIT "3s"
enum { TABLE_TRIES = 20, TABLE_PAUSE_S = 1 };

/* The server's messages about a script mention parts of the script, not rows. */
static enum rc said(struct scope *s, struct db *db, const PGresult *result)
{
    enum rc rc = db_fault(s, db, result, NULL);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return words ? fail(s, rc, "%s (%s)", words, s->fault.message) : rc;
}

enum rc script_run(struct scope *s, struct db *db, const char *sql)
{
    PGconn *conn;
    TRY(db_raw(s, db, &conn));
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    enum rc rc =
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? RC_OK : said(s, db, result);
    PQclear(result);
    return rc;
}

enum rc script_file(struct scope *s, struct db *db, const struct embed *file)
{
    if (script_run(s, db, file->text) != RC_OK)
        return fail(s, s->fault.rc, "%s: %s", file->path, s->fault.message);
    return RC_OK;
}

struct patient {
    db_txn_fn *fn;
    const void *arg;
};

static enum rc unhurried(struct scope *s, struct db *db, void *arg)
{
    const struct patient *patient = arg;
    TRY(script_run(s, db,
        "set local statement_timeout = 0; set local lock_timeout = '" TABLE_WAIT "';"
        " set local client_min_messages = warning"));
    return patient->fn(s, db, (void *)(uintptr_t)patient->arg);
}

enum rc script_txn(struct scope *s, struct db *db, db_txn_fn *fn, const void *arg)
{
    struct patient patient = {.fn = fn, .arg = arg};
    for (int try = 1;; try++) {
        SCOPE(each);
        enum rc rc = db_txn(each, db, unhurried, &patient);
        if (rc == RC_OK)
            return RC_OK;
        if (rc != RC_RETRY || try == TABLE_TRIES)
            return fail_from(s, each);
        sleep(TABLE_PAUSE_S);
    }
}
