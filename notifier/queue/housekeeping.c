#include "notifier/queue/housekeeping.h"

static const struct shape glance_row =
    SHAPE("NotifierGlance", struct chores_glance, FIELD(BOOL, due), FIELD(BOOL, orphan));

STMT(chores_glance_read,
    "SELECT EXISTS (SELECT FROM delivery_retry WHERE batch_id IS NULL AND due_at <= now()) AS due,"
    " EXISTS (SELECT FROM batch b WHERE b.owner <> $1 AND (b.leased_until < now() OR NOT EXISTS ("
    "   SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 4177"
    "   AND l.objid = b.owner::oid AND l.objsubid = 2 AND l.granted))) AS orphan",
    .row = &glance_row);

STMT(chores_release, "SELECT amends.broadcast_release(id) FROM broadcast WHERE state = 'held' AND "
                     "not_before <= now()"
                     " ORDER BY id");

/* A sending broadcast ends, a cancelled one is only dated. The order of the three looks does
 * not matter: whoever moves a cursor makes the batch in the same transaction, and a batch
 * becomes a retry in the same statement. */
STMT(chores_done,
    "UPDATE broadcast b SET state = CASE state WHEN 'sending' THEN 'done' ELSE state END,"
    " done_at = now()"
    " WHERE done_at IS NULL AND state IN ('sending', 'cancelled')"
    " AND (state = 'cancelled' OR NOT EXISTS (SELECT FROM broadcast_channel c"
    "   WHERE c.broadcast_id = b.id AND NOT c.exhausted))"
    " AND NOT EXISTS (SELECT FROM batch t WHERE t.broadcast_id = b.id)"
    " AND NOT EXISTS (SELECT FROM delivery_retry r WHERE r.broadcast_id = b.id)");

STMT(chores_digest, "SELECT amends.digest_due(now())");

STMT(chores_maintenance, "SELECT amends.maintenance_due(now())");
STMT(chores_promises, "SELECT amends.promise_due(now(), $1, $2)");

STMT(chores_lease, "UPDATE batch SET leased_until = now() + interval '1 minute' WHERE owner = $1");

enum rc chores_look(
    struct scope *s, struct db *db, const struct session *session, struct chores_glance *ret)
{
    return db_one(s, db, &chores_glance_read, PARAMS(P_INT(session->id)), ret);
}

enum rc chores_broadcasts(struct scope *s, struct db *db)
{
    TRY(db_do(s, db, &chores_release, NO_PARAMS, NULL));
    return db_do(s, db, &chores_done, NO_PARAMS, NULL);
}

enum rc chores_calendar(struct scope *s, struct db *db, const struct config *config)
{
    TRY(db_do(s, db, &chores_maintenance, NO_PARAMS, NULL));
    return db_do(s, db, &chores_promises,
        PARAMS(P_INT(config->promise_repeat_minutes), P_TEXT(config->public_url)), NULL);
}

enum rc chores_digests(struct scope *s, struct db *db)
{
    return db_do(s, db, &chores_digest, NO_PARAMS, NULL);
}

enum rc chores_renew(struct scope *s, struct db *db, const struct session *session)
{
    return db_do(s, db, &chores_lease, PARAMS(P_INT(session->id)), NULL);
}
