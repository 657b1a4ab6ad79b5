#include "notifier/queue/housekeeping.h"

static const struct shape glance_row =
    SHAPE("NotifierGlance", struct housekeeping_glance, FIELD(BOOL, due), FIELD(BOOL, orphan));

STMT(housekeeping_glance_read,
    "SELECT EXISTS (SELECT FROM delivery_retry WHERE batch_id IS NULL AND due_at <= now()) AS due,"
    " EXISTS (SELECT FROM batch b WHERE b.owner <> $1 AND (b.leased_until < now() OR NOT EXISTS ("
    "   SELECT FROM amends.notifier_alive a WHERE a.id = b.owner))) AS orphan",
    .row = &glance_row);

/* A correction waits for the messages in flight that it corrects. */
STMT(housekeeping_release,
    "SELECT amends.broadcast_release(id) FROM broadcast b WHERE state = 'held' AND "
    "not_before <= now()"
    " AND NOT (kind = 'retraction' AND EXISTS (SELECT FROM broadcast o WHERE o.id < b.id"
    "   AND o.incident_id = b.incident_id AND o.state = 'cancelled' AND o.done_at IS NULL))"
    " ORDER BY id");

STMT(housekeeping_posts, "SELECT amends.held_posts_publish()");

/* A sending broadcast ends, a cancelled one only gets its date. The order of the three looks does
 * not matter: a claim moves the cursor and makes the batch in one transaction, and a batch becomes
 * retries in one statement. */
STMT(housekeeping_done,
    "WITH ended AS (UPDATE broadcast b SET state = CASE state WHEN 'sending' THEN 'done' ELSE "
    "state END,"
    " done_at = now()"
    " WHERE done_at IS NULL AND state IN ('sending', 'cancelled')"
    " AND (state = 'cancelled' OR NOT EXISTS (SELECT FROM broadcast_cursor c"
    "   WHERE c.broadcast_id = b.id AND NOT c.exhausted))"
    " AND NOT EXISTS (SELECT FROM batch t WHERE t.broadcast_id = b.id)"
    " AND NOT EXISTS (SELECT FROM delivery_retry r WHERE r.broadcast_id = b.id)"
    " RETURNING id) DELETE FROM broadcast_scope WHERE broadcast_id IN (SELECT id FROM ended)");

STMT(housekeeping_ageing, "SELECT amends.credit_ageing_remind(now())");
STMT(housekeeping_digest, "SELECT amends.digest_due(now())");
STMT(housekeeping_reports, "SELECT amends.sla_reports_send(now())");

STMT(housekeeping_maintenance, "SELECT amends.maintenance_due(now())");
STMT(housekeeping_alerts, "SELECT amends.alerts_due(now(), $1)");
STMT(housekeeping_promises, "SELECT amends.promise_due(now(), $1, $2)");

STMT(housekeeping_lease,
    "UPDATE batch SET leased_until = now() + interval '1 minute' WHERE owner = $1");

enum rc housekeeping_look(struct scope *s, struct db *db, const struct registration *registration,
    struct housekeeping_glance *ret)
{
    return db_one(s, db, &housekeeping_glance_read, PARAMS(P_INT(registration->id)), ret);
}

enum rc housekeeping_broadcasts(struct scope *s, struct db *db)
{
    TRY(db_do(s, db, &housekeeping_release, NO_PARAMS, NULL));
    return db_do(s, db, &housekeeping_done, NO_PARAMS, NULL);
}

enum rc housekeeping_held_posts(struct scope *s, struct db *db)
{
    return db_do(s, db, &housekeeping_posts, NO_PARAMS, NULL);
}

enum rc housekeeping_calendar(struct scope *s, struct db *db, const struct config *config)
{
    TRY(db_do(s, db, &housekeeping_maintenance, NO_PARAMS, NULL));
    TRY(db_do(s, db, &housekeeping_alerts, PARAMS(P_TEXT(config->public_url)), NULL));
    return db_do(s, db, &housekeeping_promises,
        PARAMS(P_INT(config->promise_repeat_minutes), P_TEXT(config->public_url)), NULL);
}

enum rc housekeeping_rare(struct scope *s, struct db *db, const struct registration *registration)
{
    TRY(db_do(s, db, &housekeeping_ageing, NO_PARAMS, NULL));
    TRY(db_do(s, db, &housekeeping_digest, NO_PARAMS, NULL));
    TRY(db_do(s, db, &housekeeping_reports, NO_PARAMS, NULL));
    return db_do(s, db, &housekeeping_lease, PARAMS(P_INT(registration->id)), NULL);
}
