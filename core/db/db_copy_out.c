#include "core/db/db_copy_out.h"

#include <stdlib.h>
#include <string.h>

#include "core/db/db_copy.h"
#include "core/strbuf.h"

enum { SQL_MAX = 1024 * 1024, VALUES_MAX = 100 };

/* Signature, flags and the length of an extension, which is none. */
static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
enum { HEAD = sizeof head - 1 };

struct copying {
    const struct stmt *stmt;
    const PGresult *columns;
    db_value_fn *fn;
    void *arg;
    bool begun, ended;
};

static void clear_result(PGresult **result)
{
    PQclear(*result);
}

static uint32_t big_endian(const char *at, size_t n)
{
    uint32_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static bool add_param(struct strbuf *b, PGconn *conn, const char *value)
{
    if (!value) {
        strbuf_addstr(b, "NULL");
        return true;
    }
    char *literal = PQescapeLiteral(conn, value, strlen(value));
    if (literal)
        strbuf_addstr(b, literal);
    PQfreemem(literal);
    return literal;
}

/* COPY takes no parameters: they are literals in their places. */
static bool copy_text(
    struct strbuf *b, PGconn *conn, const struct stmt *stmt, const struct param_arrays *params)
{
    strbuf_addstr(b, "COPY (");
    for (const char *at = stmt->sql; *at;) {
        if (*at != '$') {
            strbuf_addch(b, *at++);
            continue;
        }
        char *end;
        long n = strtol(at + 1, &end, 10);
        if (!add_param(b, conn, params->values[n - 1]))
            return false;
        at = end;
    }
    strbuf_addstr(b, ") TO STDOUT (FORMAT binary)");
    return !b->overflow;
}

static enum rc broken(struct scope *s, const struct copying *copying)
{
    return fail(s, RC_INTERNAL, "%s: COPY sends what is no row", copying->stmt->name);
}

/* A row: the number of values, and each with its length before it. -1 values: the end. */
static enum rc read_row(struct scope *s, struct copying *copying, const char *at, size_t len)
{
    struct db_value values[VALUES_MAX];
    const char *end = at + len;
    int n = len < 2 ? 0 : (int16_t)big_endian(at, 2);
    if (n == -1) {
        copying->ended = true;
        return RC_OK;
    }
    if (n > VALUES_MAX || n != PQnfields(copying->columns))
        return broken(s, copying);
    at += 2;
    for (int i = 0; i < n; i++) {
        if (end - at < 4)
            return broken(s, copying);
        values[i] = (struct db_value){.at = at + 4, .len = (int32_t)big_endian(at, 4)};
        at += 4;
        if (values[i].len > end - at)
            return broken(s, copying);
        at += values[i].len > 0 ? values[i].len : 0;
    }
    return at == end ? copying->fn(s, copying->columns, values, copying->arg) : broken(s, copying);
}

/* The first message has the head before its row, or alone. */
static enum rc read_message(struct scope *s, struct copying *copying, const char *at, size_t len)
{
    if (!copying->begun) {
        if (len < HEAD || memcmp(at, head, HEAD) != 0)
            return broken(s, copying);
        copying->begun = true;
        at += HEAD;
        len -= HEAD;
    }
    return len ? read_row(s, copying, at, len) : RC_OK;
}

static enum rc read_all(struct scope *s, struct db *db, PGconn *conn, struct copying *copying)
{
    char *message;
    int len;
    enum rc rc = RC_OK;
    while ((len = PQgetCopyData(conn, &message, 0)) > 0) {
        if (rc == RC_OK) {
            rc = read_message(s, copying, message, (size_t)len);
            if (rc != RC_OK)
                db_give_up(conn);
        }
        PQfreemem(message);
    }
    for (PGresult *result; (result = PQgetResult(conn)); PQclear(result))
        if (rc == RC_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
            rc = db_fault(s, db, result, copying->stmt);
    return rc == RC_OK && !copying->ended ? broken(s, copying) : rc;
}

enum rc db_copy_out(struct scope *s, struct db *db, const struct stmt *stmt, struct params params,
    db_value_fn *fn, void *arg)
{
    PGconn *conn = NULL;
    STRBUF(sql, SQL_MAX);
    TRY(db_prepare(s, db, stmt));
    TRY(db_raw(s, db, &conn));
    CLEANUP(clear_result) PGresult *columns = PQdescribePrepared(conn, stmt->name);
    if (PQresultStatus(columns) != PGRES_COMMAND_OK)
        return db_fault(s, db, columns, stmt);
    struct param_arrays a = param_arrays(s, params);
    if (!copy_text(&sql, conn, stmt, &a))
        return fail(s, RC_INTERNAL, "%s: no COPY of it", stmt->name);
    CLEANUP(clear_result) PGresult *begun = PQexec(conn, sql.buf);
    if (PQresultStatus(begun) != PGRES_COPY_OUT)
        return db_fault(s, db, begun, stmt);
    struct copying copying = {.stmt = stmt, .columns = columns, .fn = fn, .arg = arg};
    return read_all(s, db, conn, &copying);
}
