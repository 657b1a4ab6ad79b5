#include "notifier/queue/registration.h"

#include <stdlib.h>
#include <unistd.h>

struct session_row {
    int64_t id;
};

static const struct shape session_shape =
    SHAPE("NotifierSession", struct session_row, FIELD(INT, id));

STMT(session_register,
    "WITH gone AS (DELETE FROM notifier n WHERE NOT EXISTS (SELECT FROM pg_locks l"
    "   WHERE l.locktype = 'advisory' AND l.classid = 4177 AND l.objid = n.id::oid"
    "   AND l.objsubid = 2 AND l.granted)"
    "   AND n.started_at < now() - interval '1 minute'),"
    " made AS (INSERT INTO notifier (host, pid) VALUES ($1, $2) RETURNING id)"
    " SELECT id FROM made, LATERAL pg_advisory_lock(4177, made.id)",
    .row = &session_shape);

STMT(session_leases,
    "UPDATE batch b SET owner = $1, leased_until = now() + interval '1 minute'"
    " FROM unnest($2::bigint[], $3::bigint[]) AS o(id, lease)"
    " WHERE b.id = o.id AND b.lease = o.lease RETURNING b.id",
    .row = &session_shape);

STMT(session_delete, "DELETE FROM notifier WHERE id = $1");

/* The lock of whom we were, on this same connection. */
STMT(session_unlock, "SELECT pg_advisory_unlock_all()");

enum rc session_renew(struct scope *s, struct db *db, const struct session *session)
{
    int64_t *ids = SCOPE_ARRAY(s, int64_t, session->n);
    int64_t *leases = SCOPE_ARRAY(s, int64_t, session->n);
    for (size_t i = 0; i < session->n; i++) {
        ids[i] = session->live[i]->id;
        leases[i] = session->live[i]->lease;
    }
    struct list rows;
    TRY(db_all(s, db, &session_leases,
        PARAMS(P_INT(session->id), P_INTS(s, ids, session->n), P_INTS(s, leases, session->n)),
        &rows));
    const struct session_row *ours = rows.at;
    for (size_t i = 0; i < session->n; i++) {
        bool held = false;
        for (size_t j = 0; j < rows.n; j++)
            held = held || ours[j].id == ids[i];
        if (!held)
            atomic_store(&session->live[i]->lost, true);
    }
    return RC_OK;
}

enum rc session_check(struct scope *s, struct db *db, const struct session *session)
{
    PGconn *conn;
    TRY(db_raw(s, db, &conn));
    if (!session->id || PQbackendPID(conn) != session->backend)
        return fail(s, RC_RETRY, "not registered on this connection");
    return RC_OK;
}

enum rc session_ensure(struct scope *s, struct db *db, struct session *session)
{
    PGconn *conn;
    TRY(db_raw(s, db, &conn));
    int backend = PQbackendPID(conn);
    if (session->id && backend == session->backend)
        return RC_OK;
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    struct session_row row;
    TRY(db_do(s, db, &session_unlock, NO_PARAMS, NULL));
    TRY(db_one(s, db, &session_register, PARAMS(P_TEXT(host), P_INT(getpid())), &row));
    TRY(db_raw(s, db, &conn));
    if (PQbackendPID(conn) != backend)
        return fail(s, RC_RETRY, "the connection changed while registering");
    session->id = row.id;
    session->backend = backend;
    return session->n ? session_renew(s, db, session) : RC_OK;
}

void session_forget(struct session *session)
{
    session->id = 0;
}

enum rc session_leave(struct scope *s, struct db *db, struct session *session)
{
    if (!session->id)
        return RC_OK;
    TRY(session_check(s, db, session));
    return db_do(s, db, &session_delete, PARAMS(P_INT(session->id)), NULL);
}

void session_add(struct session *session, struct batch *batch)
{
    if (session->n == session->alloc) {
        session->alloc = session->alloc ? 2 * session->alloc : 16;
        struct batch **grown = realloc(session->live, session->alloc * sizeof(struct batch *));
        if (!grown)
            abort();
        session->live = grown;
    }
    session->live[session->n++] = batch;
}

void session_remove(struct session *session, const struct batch *batch)
{
    for (size_t i = 0; i < session->n; i++)
        if (session->live[i] == batch) {
            session->live[i] = session->live[--session->n];
            return;
        }
}

struct batch *session_find(const struct session *session, int64_t batch_id)
{
    for (size_t i = 0; i < session->n; i++)
        if (session->live[i]->id == batch_id)
            return session->live[i];
    return NULL;
}
