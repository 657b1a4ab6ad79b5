#include "api/broadcasts/broadcast_live.h"

#include "api/broadcasts/broadcasts.h"

const char *const broadcast_states[] = {"held", "sending", "done", "cancelled", NULL};
static const char *const limits[] = {"hold", "retry", "notifier", "rate_limit", "relay",
    "relay_trouble", "database", "window", NULL};

const struct shape broadcast_shape = SHAPE("Broadcast", struct broadcast,
    FIELD(INT, id, .required = true, .doc = "Id of the broadcast."),
    FIELD(TEXT, kind, .required = true, .doc = "update, confirmation, notice, credit_notice."),
    FIELD(TEXT, state, .required = true, .one_of = broadcast_states, .doc = "Progress."),
    FIELD(TEXT, incident, .doc = "ref of its incident."),
    FIELD(INT, update, .doc = "Id of its update."), FIELD(INT, credit_run, .doc = "Id of its run."),
    FIELD(INT, audience, .required = true,
        .doc = "Recipients found so far; final once done. After a cancel, recipients without an "
               "outcome were not sent to."),
    FIELD(RAW, counts, .required = true, .form = FORM_INT_MAP,
        .doc = "{accepted, delivered, retry, failed, unknown, suppressed, superseded}"),
    FIELD(RAW, channels, .required = true, .form = FORM_COUNTS_MAP, .doc = "The same per channel."),
    FIELD(INT, open, .required = true, .doc = "Recipients found without an outcome yet."),
    FIELD(INT, oldest_open_seconds, .doc = "Age of the oldest pending message, if any."),
    FIELD(
        INT, rate_per_second, .doc = "Outcomes per second over the last five seconds, rounded up."),
    FIELD(INT, estimate_seconds, .doc = "Estimated seconds left at this rate; absent if unknown."),
    FIELD(TEXT, limited_by, .one_of = limits,
        .doc =
            "Limiting factor: hold (the undo window), retry (all remaining messages await their "
            "next attempt), notifier (no process sends this channel), rate_limit (as configured), "
            "relay (it reports errors), relay_trouble (it refused many mails alike: they wait for "
            "staff), database, window (concurrent connections)."),
    FIELD(TEXT, trouble,
        .doc = "Held by relay trouble: the relay's words. POST .../resume once the relay is put "
               "right, or .../cancel."),
    FIELD(TIME, first_at, .doc = "First outcome."), FIELD(TIME, last_at, .doc = "Last outcome."),
    FIELD(TIME, not_before, .required = true, .doc = "Earliest time of sending."),
    FIELD(TIME, created_at, .required = true, .doc = "Creation time."),
    FIELD(TIME, done_at, .doc = "Completion time."));

/*
 * whole reads every row of the broadcast, so it has no aggregate that needs grouping, which would
 * double its time. Outcomes other than accepted mails come from their own index
 * (delivery_other_idx), and accepted mails are the rest.
 */
STMT(broadcast_get,
    "WITH whole AS MATERIALIZED (SELECT count(*) AS n, min(settled_at) AS first_at,"
    "   max(settled_at) AS last_at,"
    "   count(*) FILTER (WHERE settled_at > now() - interval '5 seconds') AS recent"
    "   FROM delivery WHERE broadcast_id = $1),"
    " other AS MATERIALIZED (SELECT channel, state, count(*) AS n FROM delivery"
    "   WHERE broadcast_id = $1 AND (channel <> 'email' OR state <> 'accepted') GROUP BY 1, 2),"
    " again AS MATERIALIZED (SELECT channel, count(*) AS n, max(due_at) FILTER (WHERE due_at < "
    "'infinity') AS last_due"
    "   FROM delivery_retry WHERE broadcast_id = $1 GROUP BY 1),"
    " d AS MATERIALIZED (SELECT channel::text, state::text, n FROM other"
    "   UNION ALL SELECT 'email', 'accepted', m.n FROM (SELECT w.n - coalesce((SELECT sum(n)"
    "     FROM other), 0) AS n FROM whole w) m WHERE m.n > 0"
    "   UNION ALL SELECT channel::text, 'retry', n FROM again"
    /* Outcomes removed by retention. */
    "   UNION ALL SELECT channel::text, state::text, n FROM delivery_tally"
    "     WHERE broadcast_id = $1),"
    /* Assumes recipients after the cursor to be as dense as those before it. */
    " cursors AS MATERIALIZED (SELECT coalesce(sum(c.claimed), 0) AS claimed,"
    "     coalesce(bool_or(NOT c.exhausted), false) AS open,"
    "     CASE WHEN bool_or(NOT c.exhausted AND c.pos = 0) THEN NULL ELSE coalesce(sum(CASE"
    "       WHEN NOT c.exhausted THEN ceil(c.claimed::numeric / greatest(c.pos, 1)"
    "       * greatest(b.upper_id - c.pos, 0)) END), 0) END AS ahead"
    "   FROM broadcast_cursor c JOIN broadcast b ON b.id = c.broadcast_id WHERE b.id = $1),"
    " held AS MATERIALIZED (SELECT min(trouble) AS trouble FROM broadcast_cursor"
    "   WHERE broadcast_id = $1),"
    " busy AS MATERIALIZED (SELECT channel::text FROM batch WHERE broadcast_id = $1"
    "   UNION SELECT channel::text FROM broadcast_cursor WHERE broadcast_id = $1"
    "     AND NOT exhausted),"
    /* A single failing relay among several does not limit the broadcast. */
    " senders AS MATERIALIZED (SELECT count(*) AS n, bool_or(rate_limited) AS rate_limited,"
    "     bool_or(trouble) AS trouble, bool_and(starved) AS starved"
    "   FROM (SELECT bool_or(rate_limited) AS rate_limited,"
    "       bool_and(trouble IS NOT NULL) AS trouble,"
    "       bool_and((waiting = 0 AND in_flight < window_size) OR unsettled > 3 * in_flight)"
    "         AS starved"
    "     FROM sender_status WHERE at > now() - interval '5 seconds' AND channel IN (TABLE busy)"
    "     GROUP BY channel) x),"
    " t AS MATERIALIZED (SELECT w.*, c.claimed, c.open AS unread, c.ahead,"
    "     greatest(c.claimed - w.n, 0)::bigint AS open,"
    "     ceil(w.recent / greatest(1, least(5, extract(epoch FROM now() - w.first_at))))::bigint"
    "       AS rate,"
    "     (SELECT coalesce(sum(n), 0) FROM again) AS again,"
    "     (SELECT greatest(extract(epoch FROM max(last_due) - now()), 0) FROM again) AS again_s"
    "   FROM whole w, cursors c)"
    " SELECT b.id, b.kind, b.state, i.ref AS incident, b.update_id AS update,"
    "   b.credit_run_id AS credit_run, t.claimed AS audience,"
    "   (SELECT json_object_agg(s.state, coalesce(x.n, 0)) FROM unnest(array['accepted',"
    "     'delivered', 'retry', 'failed', 'unknown', 'suppressed', 'superseded']) AS s(state)"
    "     LEFT JOIN (SELECT state, sum(n) AS n FROM d GROUP BY 1) x USING (state)) AS counts,"
    "   (SELECT coalesce(json_object_agg(c.channel, c.counts), '{}') FROM (SELECT channel,"
    "      json_object_agg(state, n) AS counts FROM d GROUP BY 1) c) AS channels,"
    "   CASE WHEN b.done_at IS NULL THEN t.open ELSE 0 END AS open,"
    "   CASE WHEN sends THEN"
    "     greatest(floor(extract(epoch FROM now() - b.not_before))::bigint, 0) END"
    "     AS oldest_open_seconds,"
    "   CASE WHEN sends THEN coalesce(t.rate, 0) END AS rate_per_second,"
    "   CASE WHEN sends AND h.trouble IS NULL AND t.ahead IS NOT NULL AND (q.todo <= 0 OR t.rate > "
    "0) THEN"
    "     ceil(greatest(t.again_s, q.todo / greatest(t.rate, 1), 0))::bigint END"
    "     AS estimate_seconds,"
    "   CASE WHEN NOT sends THEN NULL WHEN b.state = 'held' THEN 'hold'"
    "     WHEN h.trouble IS NOT NULL THEN 'relay_trouble'"
    "     WHEN NOT EXISTS (TABLE busy) THEN 'retry'"
    "     WHEN l.n = 0 THEN CASE WHEN b.not_before < now() - interval '3 seconds'"
    "       THEN 'notifier' END"
    "     WHEN l.rate_limited THEN 'rate_limit' WHEN l.trouble THEN 'relay'"
    "     WHEN t.unread AND l.starved THEN 'database' ELSE 'window' END AS limited_by,"
    "   CASE WHEN sends THEN h.trouble END AS trouble,"
    "   coalesce(t.first_at, o.first_at) AS first_at, coalesce(t.last_at, o.last_at) AS last_at,"
    "   b.not_before, b.created_at, b.done_at"
    "  FROM broadcast b LEFT JOIN incident i ON i.id = b.incident_id, t, senders l, held h,"
    "    (SELECT min(first_at) AS first_at, max(last_at) AS last_at FROM delivery_tally"
    "      WHERE broadcast_id = $1) o,"
    "    LATERAL (SELECT b.state IN ('held', 'sending') AND (t.open > 0 OR t.unread) AS sends,"
    "      t.open - t.again + t.ahead AS todo) q"
    " WHERE b.id = $1",
    .row = &broadcast_shape);
STMT(broadcast_exists, "SELECT id FROM broadcast WHERE id = $1", .row = &row_int);

enum rc broadcast_read(struct scope *s, struct db *db, int64_t id, struct broadcast *ret)
{
    return IF_NONE(db_one(s, db, &broadcast_get, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no broadcast %lld", (long long)id));
}

enum rc broadcast_check(struct scope *s, struct db *db, int64_t id)
{
    return IF_NONE(db_one(s, db, &broadcast_exists, PARAMS(P_INT(id)), &id),
        fail(s, RC_NOT_FOUND, "no broadcast %lld", (long long)id));
}
