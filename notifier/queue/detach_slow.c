#include "notifier/queue/detach_slow.h"

#include "core/clock.h"
#include "notifier/handover/handover.h"

/* A range is slow when it is older than this and has no more recipients left than can be in
 * flight. */
enum { SLOW_US = 1000000, DETACH_MAX = BUDGET };

STMT(detach_slow_batch,
    "WITH mine AS (UPDATE batch SET lo = 0, hi = 0 WHERE id = $1 AND lease = $2"
    "   RETURNING id, broadcast_id, channel)"
    " INSERT INTO delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at,"
    "   reason, batch_id)"
    " SELECT m.broadcast_id, u.id, m.channel, 0, now(), now(), 'slow', m.id"
    " FROM mine m, unnest($3::bigint[]) AS u(id) ON CONFLICT DO NOTHING");

static bool is_slow(const struct batch *batch, int64_t now)
{
    return !batch->detached && !batch->again && batch->channel != CHANNEL_SMS &&
           now - batch->made_at > SLOW_US && batch->n - batch->settled <= DETACH_MAX;
}

/* The batch is settled as a detached one even if it is not known whether the statement was
 * committed. */
static enum rc detach(struct scope *s, struct db *db, struct batch *batch)
{
    int64_t *ids = SCOPE_ARRAY(s, int64_t, batch->n);
    size_t n = 0;
    for (size_t i = 0; i < batch->n; i++)
        if (!batch->at[i].settled)
            ids[n++] = batch->at[i].id;
    batch->detached = true;
    return db_do(s, db, &detach_slow_batch,
        PARAMS(P_INT(batch->id), P_INT(batch->lease), P_INTS(s, ids, n)), NULL);
}

enum rc detach_slow(struct scope *s, struct db *db, const struct registration *registration)
{
    int64_t now = clock_monotonic();
    TRY(registration_check(s, db, registration));
    for (size_t i = 0; i < registration->n; i++)
        if (is_slow(registration->live[i], now))
            TRY(detach(s, db, registration->live[i]));
    return RC_OK;
}
