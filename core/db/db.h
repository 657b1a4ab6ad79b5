#pragma once
/*
 * PostgreSQL through libpq: typed statements, transactions with retry.
 *
 * A statement is a static object beside its only caller, prepared on first use
 * of a connection; no function takes SQL as text. A struct db is one connection
 * and belongs to one thread; a lost connection is reopened by the next call
 * outside a transaction. Errors become RC_RETRY (connection, serialization,
 * deadlock, timeout: the same call may succeed later), RC_CONFLICT (unique and
 * foreign key violations, unless the caller looks first) or RC_INTERNAL; the
 * fault carries the SQLSTATE and never the server's DETAIL, which prints rows.
 *
 *     STMT(subscriber_get, "SELECT id, channel, address FROM subscriber WHERE id = $1",
 *         .row = &subscriber_shape);
 *     struct subscriber sub;
 *     TRY(db_one(s, db, &subscriber_get, PARAMS(P_INT(id)), &sub));   // RC_NOT_FOUND when none
 */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/shape.h"

struct db;

struct stmt {
    const char *name; /* also the prepared statement's name */
    const char *sql;
    const struct shape *row; /* shape of a result row; NULL when it returns none */
};

/* A result of one column, whatever it is called: the row is an int64_t, a bool, a const char *.
 *     STMT(account_id, "SELECT id FROM account WHERE external_id = $1", .row = &row_int);
 *     int64_t id;
 *     TRY(db_one(s, db, &account_id, PARAMS(P_TEXT(name)), &id));
 */
extern const struct shape row_int, row_bool, row_text;

/* The field of a row for a column of a result with this number of columns; NULL: none. */
const struct field *row_field(const struct shape *row, int columns, const char *column);

/* Every STMT of the program, for the test that prepares each: walk with stmt_each. */
#define STMT(id, text, ...) \
    static const struct stmt id = {.name = #id, .sql = text, __VA_ARGS__}; \
    __attribute__((used, section("amends_stmts"))) static const struct stmt *const id##_entry = &id
void stmt_each(void (*fn)(const struct stmt *stmt, void *arg), void *arg);

/* One parameter. Values are borrowed until the call returns. The server infers
 * the type, so write $1::type in the SQL where it cannot. */
struct param {
    const char *text; /* borrowed; NULL: own, or SQL null if own is empty */
    int len;
    int binary;
    char own[40];
};
struct param param_int(int64_t value); /* SHAPE_NONE: null */
struct param param_bool(bool value);
struct param param_time(int64_t us); /* timestamptz, exact to the us; SHAPE_NONE: null */
struct param param_text(const char *text);
struct param param_bytes(const void *bytes, size_t len); /* bytea; NULL: null */
/* text[] literal built in s; use with $n::text[], ::bigint[] ... */
struct param param_texts(struct scope *s, const struct texts *texts);
struct param param_ints(struct scope *s, const int64_t *values, size_t n); /* bigint[] */
#define P_INT(v) param_int(v)
#define P_BOOL(v) param_bool(v)
#define P_TIME(v) param_time(v)
#define P_TEXT(v) param_text(v)
#define P_BYTES(p, n) param_bytes((p), (n))
#define P_TEXTS(s, t) param_texts((s), (t))
#define P_TEXT_LIST(s, p, count) P_TEXTS((s), (&(const struct texts){.at = (p), .n = (count)}))
#define P_INTS(s, p, n) param_ints((s), (p), (n))

struct params {
    const struct param *at;
    int n;
};
#define PARAMS(...) \
    (struct params) \
    { \
        .at = (const struct param[]){__VA_ARGS__}, \
        .n = (int)(sizeof((const struct param[]){__VA_ARGS__}) / sizeof(struct param)) \
    }
#define NO_PARAMS ((struct params){0})

/* Parameters in the form that libpq takes; texts are borrowed from params or copied to s. */
struct param_arrays {
    const char **values;
    int *lengths, *formats;
};
struct param_arrays param_arrays(struct scope *s, struct params params);

/* Open lazily: the first statement connects. url: libpq URI or conninfo. role is shown as
 * application_name. Sets TimeZone=UTC, statement_timeout and TCP keepalives of a few seconds on
 * both sides; the URL may override those of the client. */
struct db *db_new(const char *url, const char *role);
void db_free(struct db *db);                /* NULL is fine */
static inline void db_close(struct db **db) /* for CLEANUP */
{
    db_free(*db);
}
/* Call before the first statement: plan each statement once per connection instead of per
 * execution. For statements that run often and look up rows by index. Plans never scan a whole
 * table, since a table that is small now may grow later. */
void db_plan_once(struct db *db);

/* Call before the first statement: a statement that waits longer for any lock is RC_RETRY. */
void db_limit_waits(struct db *db, int ms);

/* Run a statement for its effect; *ret_n (may be NULL): rows affected or returned. */
enum rc db_do(
    struct scope *s, struct db *db, const struct stmt *stmt, struct params params, int64_t *ret_n);

/* The single row into out (stmt->row). No row: RC_NOT_FOUND. */
enum rc db_one(
    struct scope *s, struct db *db, const struct stmt *stmt, struct params params, void *out);

/* All rows as an array of stmt->row structs, owned by s. */
enum rc db_all(struct scope *s, struct db *db, const struct stmt *stmt, struct params params,
    struct list *ret_rows);

/* Read the rows of a result by column name; s owns them. Every column must be a field:
 * otherwise RC_INTERNAL. */
enum rc db_rows(
    struct scope *s, const PGresult *result, const struct shape *shape, struct list *ret);

/* Run fn in a transaction (READ COMMITTED). Commits when fn returns RC_OK, else rolls back. fn runs
 * again, at most 5 times, after a serialization failure or deadlock, so it must not accumulate
 * results through arg. A connection lost at BEGIN is reopened; one lost at COMMIT is RC_RETRY,
 * since the outcome is unknown. Inside a transaction of the same connection, fn runs under a
 * savepoint: a failure rolls back only fn, and nothing is retried. */
typedef enum rc db_txn_fn(struct scope *s, struct db *db, void *arg);
enum rc db_txn(struct scope *s, struct db *db, db_txn_fn *fn, void *arg);

/* Run fn in the same way and always roll back: its outcome, with nothing written. */
enum rc db_rehearse(struct scope *s, struct db *db, db_txn_fn *fn, void *arg);

/* Lift the statement and lock timeouts for the rest of the current transaction. */
enum rc db_unhurried(struct scope *s, struct db *db);

/* LISTEN on channels (NULL-terminated, static), again after each reconnect. */
void db_listen(struct db *db, const char *const *channels);
/* Socket to poll for notifications, or -1 while not connected (then poll with a timeout). */
int db_socket(struct db *db);
/* Consume pending input; true after a notification or a reconnect. */
bool db_notified(struct scope *s, struct db *db);

/* The libpq connection, connected or RC_RETRY, for COPY and pipelines; it stays ours. */
enum rc db_raw(struct scope *s, struct db *db, PGconn **ret_conn);
/* Prepare stmt on the connection if it is not yet. */
enum rc db_prepare(struct scope *s, struct db *db, const struct stmt *stmt);
/* Map a failed result or connection to an rc and record the fault. */
enum rc db_fault(struct scope *s, struct db *db, const PGresult *result, const struct stmt *stmt);
