#include "notifier/queue/registration.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/db/locks.h"
#include "messages/broadcast.h"

SHAPE_STATIC(struct registration_row, registration_shape, "NotifierRegistration", FIELD(INT, id));

STMT(registration_register,
    "WITH gone AS (DELETE FROM notifier n WHERE NOT EXISTS (SELECT FROM amends.notifier_alive a"
    "   WHERE a.id = n.id)"
    "   AND n.started_at < now() - interval '1 minute'),"
    " made AS (INSERT INTO notifier (host, pid, outbox) VALUES ($1, $2, $4) RETURNING id)"
    " SELECT id FROM made, LATERAL pg_advisory_lock($3, made.id)",
    .row = &registration_shape);

STMT(registration_leases,
    "UPDATE batch b SET owner = $1, leased_until = now() + interval '1 minute'"
    " FROM unnest($2::bigint[], $3::bigint[]) AS o(id, lease)"
    " WHERE b.id = o.id AND b.lease = o.lease RETURNING b.id",
    .row = &registration_shape);

STMT(registration_delete, "DELETE FROM notifier WHERE id = $1");

/* Releases the lock of the former registration on this same connection. */
STMT(registration_unlock, "SELECT pg_advisory_unlock_all()");

enum rc registration_renew(struct scope *s, struct db *db, const struct registration *registration)
{
    int64_t *ids = SCOPE_ARRAY(s, int64_t, registration->n);
    int64_t *leases = SCOPE_ARRAY(s, int64_t, registration->n);
    for (size_t i = 0; i < registration->n; i++) {
        ids[i] = registration->live[i]->id;
        leases[i] = registration->live[i]->lease;
    }
    struct list rows;
    TRY(db_all(s, db, &registration_leases,
        PARAMS(P_INT(registration->id), P_INTS(s, ids, registration->n),
            P_INTS(s, leases, registration->n)),
        &rows));
    const struct registration_row *ours = rows.at;
    for (size_t i = 0; i < registration->n; i++) {
        bool held = false;
        for (size_t j = 0; j < rows.n; j++)
            held = held || ours[j].id == ids[i];
        if (!held)
            atomic_store(&registration->live[i]->lost, true);
    }
    return RC_OK;
}

enum rc registration_check(struct scope *s, struct db *db, const struct registration *registration)
{
    PGconn *conn;
    TRY(db_raw(s, db, &conn));
    if (!registration->id || PQbackendPID(conn) != registration->backend)
        return fail(s, RC_RETRY, "not registered on this connection");
    return RC_OK;
}

enum rc registration_ensure(struct scope *s, struct db *db, struct registration *registration)
{
    PGconn *conn;
    TRY(db_raw(s, db, &conn));
    int backend = PQbackendPID(conn);
    if (registration->id && backend == registration->backend)
        return RC_OK;
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    struct registration_row row;
    TRY(db_do(s, db, &registration_unlock, NO_PARAMS, NULL));
    TRY(db_one(s, db, &registration_register,
        PARAMS(P_TEXT(host), P_INT(getpid()), P_INT(LOCK_NOTIFIER), P_BOOL(registration->outbox)),
        &row));
    TRY(db_raw(s, db, &conn));
    if (PQbackendPID(conn) != backend)
        return fail(s, RC_RETRY, "the connection changed while registering");
    registration->id = row.id;
    registration->backend = backend;
    return registration->n ? registration_renew(s, db, registration) : RC_OK;
}

void registration_forget(struct registration *registration)
{
    registration->id = 0;
}

enum rc registration_leave(struct scope *s, struct db *db, struct registration *registration)
{
    if (!registration->id)
        return RC_OK;
    TRY(registration_check(s, db, registration));
    return db_do(s, db, &registration_delete, PARAMS(P_INT(registration->id)), NULL);
}

void registration_add(struct registration *registration, struct batch *batch)
{
    if (registration->n == registration->alloc) {
        registration->alloc = registration->alloc ? 2 * registration->alloc : 16;
        struct batch **grown =
            realloc(registration->live, registration->alloc * sizeof(struct batch *));
        if (!grown)
            abort();
        registration->live = grown;
    }
    registration->live[registration->n++] = batch;
    batch->broadcast->batches++;
}

void registration_remove(struct registration *registration, const struct batch *batch)
{
    for (size_t i = 0; i < registration->n; i++)
        if (registration->live[i] == batch) {
            registration->live[i] = registration->live[--registration->n];
            batch->broadcast->batches--;
            return;
        }
}
