#include "core/db/db_pipe.h"

#include <stdlib.h>

int db_pipe_add(
    struct scope *s, struct db_pipe *pipe, const struct stmt *stmt, struct params params)
{
    if (pipe->n == DB_PIPE_MAX)
        abort();
    struct db_pipe_query *q = &pipe->query[pipe->n];
    *q = (struct db_pipe_query){.stmt = stmt, .params = param_arrays(s, params), .n = params.n};
    return pipe->n++;
}

static void clear(void *result)
{
    PQclear(result);
}

static bool succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static bool send_all(struct db_pipe *pipe, PGconn *conn)
{
    for (int i = 0; i < pipe->n; i++) {
        const struct db_pipe_query *q = &pipe->query[i];
        if (!PQsendQueryPrepared(conn, q->stmt->name, q->n, q->params.values, q->params.lengths,
                q->params.formats, 0))
            return false;
    }
    return PQpipelineSync(conn);
}

/* Only the first failure counts: the server skips the statements after it. */
static enum rc take_results(struct scope *s, struct db_pipe *pipe, PGconn *conn)
{
    enum rc rc = RC_OK;
    for (int i = 0; i < pipe->n; i++) {
        struct db_pipe_query *q = &pipe->query[i];
        q->result = PQgetResult(conn);
        scope_defer(s, clear, q->result);
        if (rc == RC_OK && !succeeded(q->result))
            rc = db_fault(s, pipe->db, q->result, q->stmt);
        /* Skip to the end of the results. A lost connection has none left. */
        PQclear(q->result ? PQgetResult(conn) : NULL);
    }
    PGresult *sync = PQgetResult(conn);
    if (rc == RC_OK && PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
        rc = db_fault(s, pipe->db, sync, NULL);
    PQclear(sync);
    return rc;
}

enum rc db_pipe_run(struct scope *s, struct db_pipe *pipe)
{
    PGconn *conn = NULL;
    for (int i = 0; i < pipe->n; i++)
        TRY(db_prepare(s, pipe->db, pipe->query[i].stmt));
    TRY(db_raw(s, pipe->db, &conn));
    if (!PQenterPipelineMode(conn))
        return fail(s, RC_INTERNAL, "the connection to the database is busy");
    enum rc rc =
        send_all(pipe, conn) ? take_results(s, pipe, conn) : db_fault(s, pipe->db, NULL, NULL);
    if (!PQexitPipelineMode(conn) && rc == RC_OK)
        rc = fail(s, RC_INTERNAL, "the database sent more than was requested");
    return rc;
}

enum rc db_pipe_rows(struct scope *s, const struct db_pipe *pipe, int at, struct list *ret)
{
    const struct db_pipe_query *q = &pipe->query[at];
    return db_rows(s, q->result, q->stmt->row, ret);
}
