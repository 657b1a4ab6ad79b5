#include "core/db/db.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/db/sqlstate.h"

enum { TXN_TRIES = 5 };

/* Both sides detect within 15 s that the other host has vanished: the client then connects to
 * another server, and the server releases the client's locks. Idle time, interval and number of
 * probes, in s; time without acknowledgement, in ms. */
#define KEEPALIVE_IDLE "5"
#define KEEPALIVE_INTERVAL "3"
#define KEEPALIVE_COUNT "3"
#define USER_TIMEOUT_MS "15000"

struct db {
    char *url;
    char *role;
    PGconn *conn;
    const struct stmt **prepared; /* on this connection */
    size_t n_prepared;
    const char *const *channels; /* to LISTEN on */
    bool plans_once;
    int wait_ms; /* for a lock; 0: as long as it takes */
    bool in_txn;
    bool reconnected; /* since the last db_notified */
    bool again;       /* the last failure was a serialization failure or deadlock */
    bool lost;        /* libpq reported it, although PQstatus may still say connected */
};

extern const struct stmt *const __start_amends_stmts[];
extern const struct stmt *const __stop_amends_stmts[];

void stmt_each(void (*fn)(const struct stmt *stmt, void *arg), void *arg)
{
    for (const struct stmt *const *entry = __start_amends_stmts; entry < __stop_amends_stmts;
         entry++)
        fn(*entry, arg);
}

static char *copy(const char *text)
{
    char *twin = strdup(text);
    if (!twin)
        abort();
    return twin;
}

struct db *db_new(const char *url, const char *role)
{
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        abort();
    db->url = copy(url);
    db->role = copy(role);
    return db;
}

void db_plan_once(struct db *db)
{
    db->plans_once = true;
}

void db_limit_waits(struct db *db, int ms)
{
    db->wait_ms = ms;
}

static void disconnect(struct db *db)
{
    PQfinish(db->conn);
    db->conn = NULL;
    db->lost = false;
    db->n_prepared = 0;
}

void db_free(struct db *db)
{
    if (!db)
        return;
    disconnect(db);
    free(db->prepared);
    free(db->url);
    free(db->role);
    free(db);
}

static void clear_result(PGresult **result)
{
    PQclear(*result);
}

static void ignore_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

enum rc db_fault(struct scope *s, struct db *db, const PGresult *result, const struct stmt *stmt)
{
    const char *name = stmt ? stmt->name : "transaction";
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    /* Without an SQLSTATE the failure is libpq's. If a crashing server manages to warn us while our
     * write fails, libpq keeps reporting the connection as good. */
    bool ours = !result || PQresultStatus(result) == PGRES_FATAL_ERROR;
    db->lost = db->lost || (!state && ours);
    if (!state && (ours || PQstatus(db->conn) != CONNECTION_OK))
        return fail(s, RC_RETRY, "%s: the connection to the database is lost", name);
    if (!state)
        return fail(s, RC_INTERNAL, "%s: unexpected answer of the database", name);
    db->again = sqlstate_again(state);
    if (!strcmp(state, "P0001"))
        return fail(s, RC_CONFLICT, "%s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    /* insufficient_privilege: the message names only a table of ours; see deploy/grants.sql. */
    if (!strcmp(state, "42501"))
        return fail(s, RC_INTERNAL, "%s: %s for this database role", name,
            PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    return fail(s, sqlstate_rc(state), "%s: SQLSTATE %s", name, state);
}

static bool succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* For the statements of this file, which have no parameters. */
static enum rc command(struct scope *s, struct db *db, const char *sql, const char *want_tag)
{
    CLEANUP(clear_result) PGresult *result = PQexec(db->conn, sql);
    if (!succeeded(result))
        return db_fault(s, db, result, NULL);
    if (want_tag && strcmp(PQcmdStatus(result), want_tag) != 0)
        return fail(s, RC_INTERNAL, "the database answered %s to %s", PQcmdStatus(result), sql);
    return RC_OK;
}

/* JIT compilation does not pay off for any of our statements, and disabling sequential scans raises
 * the estimated cost so much that every execution would be compiled. */
static enum rc set_session(struct scope *s, struct db *db)
{
    TRY(command(s, db,
        "SET timezone = 'UTC'; SET datestyle = 'ISO'; SET statement_timeout = '60s'; SET jit = off;"
        "SET search_path = public;" /* the default begins with the user's name: perhaps amends */
        "SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning';"
        "SET tcp_keepalives_idle = " KEEPALIVE_IDLE
        "; SET tcp_keepalives_interval = " KEEPALIVE_INTERVAL
        "; SET tcp_keepalives_count = " KEEPALIVE_COUNT "; SET tcp_user_timeout = " USER_TIMEOUT_MS
        "; SET client_connection_check_interval = '5s'",
        NULL));
    TRY(command(s, db, scope_printf(s, "SET lock_timeout = %d", db->wait_ms), NULL));
    if (db->plans_once)
        TRY(command(
            s, db, "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off", NULL));
    for (const char *const *channel = db->channels; channel && *channel; channel++)
        TRY(command(s, db, scope_printf(s, "LISTEN %s", *channel), NULL));
    return RC_OK;
}

static enum rc connect_now(struct scope *s, struct db *db)
{
    /* The URL may override the keywords before dbname. */
    const char *const keywords[] = {"keepalives_idle", "keepalives_interval", "keepalives_count",
        "tcp_user_timeout", "dbname", "application_name", "connect_timeout", "client_encoding",
        NULL};
    const char *const values[] = {KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT,
        USER_TIMEOUT_MS, db->url, db->role, "10", "UTF8", NULL};
    disconnect(db);
    db->conn = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(db->conn) != CONNECTION_OK)
        return fail(s, RC_RETRY, "cannot connect to the database");
    PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
    db->reconnected = true;
    enum rc rc = set_session(s, db);
    if (rc != RC_OK)
        disconnect(db);
    return rc;
}

/* The server closed the connection while we were idle. Detect this before sending, so that the next
 * statement does not fail; do not read, since the thread that waits for notifications polls the
 * socket. */
static bool is_closed(PGconn *conn)
{
    struct pollfd socket = {.fd = PQsocket(conn), .events = POLLRDHUP};
    return poll(&socket, 1, 0) > 0;
}

enum rc db_raw(struct scope *s, struct db *db, PGconn **ret_conn)
{
    bool lost = !db->conn || db->lost || PQstatus(db->conn) != CONNECTION_OK ||
                (!db->in_txn && is_closed(db->conn));
    if (lost && db->in_txn)
        return fail(s, RC_RETRY, "the connection to the database is lost");
    if (lost)
        TRY(connect_now(s, db));
    *ret_conn = db->conn;
    return RC_OK;
}

static bool is_prepared(const struct db *db, const struct stmt *stmt)
{
    for (size_t i = 0; i < db->n_prepared; i++) {
        if (db->prepared[i] == stmt)
            return true;
    }
    return false;
}

enum rc db_prepare(struct scope *s, struct db *db, const struct stmt *stmt)
{
    PGconn *conn = NULL;
    TRY(db_raw(s, db, &conn));
    if (is_prepared(db, stmt))
        return RC_OK;
    CLEANUP(clear_result) PGresult *result = PQprepare(conn, stmt->name, stmt->sql, 0, NULL);
    if (!succeeded(result))
        return db_fault(s, db, result, stmt);
    size_t size = (db->n_prepared + 1) * sizeof(struct stmt *);
    const struct stmt **grown = realloc((void *)db->prepared, size);
    if (!grown)
        abort();
    db->prepared = grown;
    db->prepared[db->n_prepared++] = stmt;
    return RC_OK;
}

static enum rc run(
    struct scope *s, struct db *db, const struct stmt *stmt, struct params params, PGresult **ret)
{
    TRY(db_prepare(s, db, stmt));
    struct param_arrays a = param_arrays(s, params);
    PGresult *result =
        PQexecPrepared(db->conn, stmt->name, params.n, a.values, a.lengths, a.formats, 0);
    if (!succeeded(result)) {
        enum rc rc = db_fault(s, db, result, stmt);
        PQclear(result);
        return rc;
    }
    *ret = result;
    return RC_OK;
}

enum rc db_do(
    struct scope *s, struct db *db, const struct stmt *stmt, struct params params, int64_t *ret_n)
{
    CLEANUP(clear_result) PGresult *result = NULL;
    TRY(run(s, db, stmt, params, &result));
    if (ret_n) {
        const char *changed = PQcmdTuples(result);
        *ret_n = *changed ? atoll(changed) : PQntuples(result);
    }
    return RC_OK;
}

enum rc db_one(
    struct scope *s, struct db *db, const struct stmt *stmt, struct params params, void *out)
{
    CLEANUP(clear_result) PGresult *result = NULL;
    TRY(run(s, db, stmt, params, &result));
    if (PQntuples(result) == 0)
        return fail(s, RC_NOT_FOUND, "%s: no row", stmt->name);
    struct list rows;
    TRY(db_rows(s, result, stmt->row, &rows));
    memcpy(out, rows.at, stmt->row->size);
    return RC_OK;
}

enum rc db_all(struct scope *s, struct db *db, const struct stmt *stmt, struct params params,
    struct list *ret_rows)
{
    CLEANUP(clear_result) PGresult *result = NULL;
    TRY(run(s, db, stmt, params, &result));
    return db_rows(s, result, stmt->row, ret_rows);
}

/* Nothing is lost if the connection fails at BEGIN: reconnect and go on. */
static enum rc begin(struct scope *s, struct db *db, PGconn **ret_conn)
{
    TRY(db_raw(s, db, ret_conn));
    {
        SCOPE(aside);
        if (command(aside, db, "BEGIN", NULL) == RC_OK)
            return RC_OK;
    }
    disconnect(db);
    TRY(db_raw(s, db, ret_conn));
    return command(s, db, "BEGIN", NULL);
}

static enum rc txn_once(struct scope *s, struct db *db, db_txn_fn *fn, void *arg, bool keep)
{
    PGconn *conn = NULL;
    TRY(begin(s, db, &conn));
    db->in_txn = true;
    enum rc rc = fn(s, db, arg);
    if (rc == RC_OK && keep) {
        rc = command(s, db, "COMMIT", "COMMIT");
    } else if (PQstatus(conn) == CONNECTION_OK && !db->lost) {
        /* Uses its own scope, so that the fault of fn remains the one reported. */
        SCOPE(aside);
        if (command(aside, db, "ROLLBACK", NULL) != RC_OK)
            disconnect(db);
    }
    db->in_txn = false;
    return rc;
}

/* Within a transaction, a failure of fn rolls back only the changes of fn. */
static enum rc step(struct scope *s, struct db *db, db_txn_fn *fn, void *arg, bool keep)
{
    TRY(command(s, db, "SAVEPOINT step", NULL));
    enum rc rc = fn(s, db, arg);
    if (rc == RC_OK && keep)
        return command(s, db, "RELEASE SAVEPOINT step", NULL);
    SCOPE(aside);
    if (command(aside, db, "ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step", NULL) != RC_OK)
        return RC_RETRY;
    return rc;
}

static enum rc transact(struct scope *s, struct db *db, db_txn_fn *fn, void *arg, bool keep)
{
    if (db->in_txn)
        return step(s, db, fn, arg, keep);
    enum rc rc = RC_INTERNAL;
    int tries = TXN_TRIES;
    do {
        db->again = false;
        rc = txn_once(s, db, fn, arg, keep);
    } while (rc == RC_RETRY && db->again && --tries);
    return rc;
}

enum rc db_txn(struct scope *s, struct db *db, db_txn_fn *fn, void *arg)
{
    return transact(s, db, fn, arg, true);
}

enum rc db_rehearse(struct scope *s, struct db *db, db_txn_fn *fn, void *arg)
{
    return transact(s, db, fn, arg, false);
}

void db_listen(struct db *db, const char *const *channels)
{
    db->channels = channels;
    if (db->conn)
        disconnect(db);
}

int db_socket(struct db *db)
{
    return db->conn && PQstatus(db->conn) == CONNECTION_OK ? PQsocket(db->conn) : -1;
}

bool db_notified(struct scope *s, struct db *db)
{
    PGconn *conn = NULL;
    if (db_raw(s, db, &conn) != RC_OK)
        return false;
    bool any = db->reconnected;
    db->reconnected = false;
    PQconsumeInput(conn);
    for (PGnotify *notify; (notify = PQnotifies(conn)); any = true)
        PQfreemem(notify);
    return any;
}

enum rc db_unhurried(struct scope *s, struct db *db)
{
    return command(s, db, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0", NULL);
}
