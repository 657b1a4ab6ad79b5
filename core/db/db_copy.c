#include "core/db/db_copy.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"

/* Rows go to libpq in blocks of about SEND bytes; a single row may have ROW_MAX. */
enum { SEND = 64 * 1024, ROW_MAX = 8 * 1024 * 1024 };

static void clear_result(PGresult **result)
{
    PQclear(*result);
}

enum rc db_copy_begin(
    struct scope *s, struct db *db, const struct copy_target *target, struct db_copy *ret)
{
    PGconn *conn = NULL;
    TRY(db_raw(s, db, &conn));
    CLEANUP(clear_result) PGresult *result = PQexec(conn, target->stmt.sql);
    if (PQresultStatus(result) != PGRES_COPY_IN)
        return db_fault(s, db, result, &target->stmt);
    *ret = (struct db_copy){.db = db,
        .target = target,
        .conn = conn,
        .rows = STRBUF_INIT(SEND + ROW_MAX),
        .columns = 1};
    for (const char *comma = target->stmt.sql; (comma = strchr(comma, ',')); comma++)
        ret->columns++;
    return RC_OK;
}

static void begin_value(struct db_copy *copy)
{
    if (copy->values++)
        strbuf_addch(&copy->rows, '\t');
}

static void add_null(struct db_copy *copy)
{
    begin_value(copy);
    strbuf_add(&copy->rows, "\\N", 2);
}

/* COPY's text format: backslash, tab and line ends are escaped. */
void db_copy_text(struct db_copy *copy, const char *text)
{
    if (!text) {
        add_null(copy);
        return;
    }
    begin_value(copy);
    for (;;) {
        size_t plain = strcspn(text, "\\\t\n\r");
        strbuf_add(&copy->rows, text, plain);
        text += plain;
        if (!*text)
            return;
        strbuf_addch(&copy->rows, '\\');
        strbuf_addch(&copy->rows, *text == '\t'   ? 't'
                                  : *text == '\n' ? 'n'
                                  : *text == '\r' ? 'r'
                                                  : '\\');
        text++;
    }
}

void db_copy_int(struct db_copy *copy, int64_t value)
{
    if (value == SHAPE_NONE) {
        add_null(copy);
        return;
    }
    begin_value(copy);
    char text[24];
    strbuf_add(&copy->rows, text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)value));
}

void db_copy_bool(struct db_copy *copy, bool value)
{
    begin_value(copy);
    strbuf_addch(&copy->rows, value ? 't' : 'f');
}

void db_copy_time(struct db_copy *copy, int64_t us)
{
    SCOPE(s);
    db_copy_text(copy, us == SHAPE_NONE ? NULL : clock_rfc3339(s, us));
}

void db_copy_bytes(struct db_copy *copy, const void *bytes, size_t len)
{
    if (!bytes) {
        add_null(copy);
        return;
    }
    begin_value(copy);
    strbuf_add(&copy->rows, "\\\\x", 3);
    if (!strbuf_reserve(&copy->rows, 2 * len))
        return;
    sodium_bin2hex(copy->rows.buf + copy->rows.len, 2 * len + 1, bytes, len);
    copy->rows.len += 2 * len;
}

void db_copy_ints(struct db_copy *copy, const int64_t *values, size_t n)
{
    if (!n) {
        add_null(copy);
        return;
    }
    begin_value(copy);
    for (size_t i = 0; i < n; i++)
        strbuf_addf(&copy->rows, "%c%lld", i ? ',' : '{', (long long)values[i]);
    strbuf_addch(&copy->rows, '}');
}

void db_copy_rest(struct db_copy *copy)
{
    while (copy->values < copy->columns)
        add_null(copy);
}

static enum rc send(struct scope *s, struct db_copy *copy)
{
    if (copy->rows.overflow)
        return fail(s, RC_INVALID, "%s: a row is too long", copy->target->stmt.name);
    if (PQputCopyData(copy->conn, copy->rows.buf, (int)copy->rows.len) != 1)
        return db_fault(s, copy->db, NULL, &copy->target->stmt);
    strbuf_clear(&copy->rows);
    return RC_OK;
}

enum rc db_copy_row(struct scope *s, struct db_copy *copy)
{
    strbuf_addch(&copy->rows, '\n');
    copy->values = 0;
    copy->n++;
    return copy->rows.len < SEND && !copy->rows.overflow ? RC_OK : send(s, copy);
}

enum rc db_copy_end(struct scope *s, struct db_copy *copy, enum rc rc)
{
    if (rc == RC_OK)
        rc = send(s, copy);
    PQputCopyEnd(copy->conn, rc == RC_OK ? NULL : "given up");
    strbuf_release(&copy->rows);
    for (PGresult *result; (result = PQgetResult(copy->conn)); PQclear(result))
        if (rc == RC_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
            rc = db_fault(s, copy->db, result, &copy->target->stmt);
    return rc;
}

static enum rc take_row(struct scope *s, struct db *db, const PGresult *result,
    const struct stmt *stmt, db_row_fn *fn, void *arg)
{
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        return RC_OK; /* after the last row */
    if (PQresultStatus(result) != PGRES_SINGLE_TUPLE)
        return db_fault(s, db, result, stmt);
    SCOPE(inner);
    struct list rows;
    enum rc rc = db_rows(inner, result, stmt->row, &rows);
    return rc == RC_OK ? fn(s, rows.at, arg) : fail_from(s, inner);
}

void db_give_up(PGconn *conn)
{
    char why[256];
    PGcancel *cancel = PQgetCancel(conn);
    if (cancel)
        PQcancel(cancel, why, sizeof(why));
    PQfreeCancel(cancel);
}

enum rc db_each(struct scope *s, struct db *db, const struct stmt *stmt, struct params params,
    db_row_fn *fn, void *arg)
{
    PGconn *conn = NULL;
    TRY(db_prepare(s, db, stmt));
    TRY(db_raw(s, db, &conn));
    struct param_arrays a = param_arrays(s, params);
    if (!PQsendQueryPrepared(conn, stmt->name, params.n, a.values, a.lengths, a.formats, 0) ||
        !PQsetSingleRowMode(conn))
        return db_fault(s, db, NULL, stmt);
    enum rc rc = RC_OK;
    for (PGresult *result; (result = PQgetResult(conn)); PQclear(result)) {
        if (rc != RC_OK)
            continue;
        rc = take_row(s, db, result, stmt, fn, arg);
        if (rc != RC_OK)
            db_give_up(conn);
    }
    return rc;
}
