#include "notifier/queue/cancel.h"

#include "messages/broadcast.h"

SHAPE_STATIC(struct cancelled, cancelled_shape, "CancelledBroadcast", FIELD(INT, id));

STMT(cancel_list, "SELECT id FROM broadcast WHERE done_at IS NULL AND state = 'cancelled'",
    .row = &cancelled_shape);

/* $3: batches of ours whose messages may still be with a relay; they are deleted when these have
 * settled. Batches of dead processes are deleted at once, so that no process takes them over. */
STMT(cancel_drop, "WITH dropped AS (DELETE FROM batch t WHERE t.broadcast_id = ANY ($2::bigint[])"
                  "   AND t.id <> ALL ($3::bigint[]) AND (t.owner = $1 OR NOT EXISTS (SELECT FROM"
                  "     amends.notifier_alive a WHERE a.id = t.owner)) RETURNING t.id)"
                  " DELETE FROM delivery_retry r WHERE r.broadcast_id = ANY ($2::bigint[])"
                  "   AND (r.batch_id IS NULL OR r.batch_id IN (SELECT id FROM dropped))");

static bool is_cancelled(const struct list *rows, int64_t broadcast_id)
{
    const struct cancelled *at = rows->at;
    for (size_t i = 0; i < rows->n; i++)
        if (at[i].id == broadcast_id)
            return true;
    return false;
}

enum rc cancel_unsent(struct scope *s, struct db *db, const struct registration *registration)
{
    struct list rows;
    TRY(db_all(s, db, &cancel_list, NO_PARAMS, &rows));
    if (!rows.n)
        return RC_OK;
    int64_t *live = SCOPE_ARRAY(s, int64_t, registration->n),
            *ids = SCOPE_ARRAY(s, int64_t, rows.n);
    for (size_t i = 0; i < registration->n; i++) {
        live[i] = registration->live[i]->id;
        if (is_cancelled(&rows, registration->live[i]->broadcast->id))
            atomic_store(&registration->live[i]->lost, true);
    }
    for (size_t i = 0; i < rows.n; i++)
        ids[i] = ((const struct cancelled *)rows.at)[i].id;
    return db_do(s, db, &cancel_drop,
        PARAMS(P_INT(registration->id), P_INTS(s, ids, rows.n), P_INTS(s, live, registration->n)),
        NULL);
}
