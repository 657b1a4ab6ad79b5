/* GET /v1/broadcasts/{id}, .../deliveries, POST .../retry, POST .../cancel. */
#include "api/call.h"
#include "api/cursor.h"
#include "api/lookup.h"
#include "api/resources.h"

static const char *const delivery_states[] = {
    "accepted", "delivered", "retry", "failed", "unknown", "suppressed", "superseded", NULL};

struct broadcast {
    int64_t id;
    const char *kind;
    const char *state;
    const char *incident;
    int64_t update;
    int64_t credit_run;
    int64_t audience;
    const char *counts;
    const char *channels;
    int64_t open;
    int64_t oldest_open_seconds;
    int64_t first_at;
    int64_t last_at;
    int64_t created_at;
    int64_t done_at;
};
#define SHAPE_STRUCT struct broadcast
static const struct field broadcast_fields[] = {
    FIELD(INT, id, .required = true, .doc = "Number of the broadcast."),
    FIELD(TEXT, kind, .required = true, .doc = "update, confirmation, notice, credit_notice."),
    FIELD(TEXT, state, .required = true, .doc = "held, sending, done, cancelled."),
    FIELD(TEXT, incident, .doc = "ref of its incident."),
    FIELD(INT, update, .doc = "Id of its update."),
    FIELD(INT, credit_run, .doc = "Id of its run."),
    FIELD(INT, audience, .required = true, .doc = "Recipients found so far; final once done."),
    FIELD(RAW, counts, .required = true,
        .doc = "{accepted, delivered, retry, failed, unknown, suppressed, superseded}"),
    FIELD(RAW, channels, .required = true, .doc = "The same by channel."),
    FIELD(INT, open, .required = true, .doc = "Found, but without an outcome yet."),
    FIELD(INT, oldest_open_seconds, .doc = "Age of what waits longest, while anything does."),
    FIELD(TIME, first_at, .doc = "First outcome."),
    FIELD(TIME, last_at, .doc = "Last outcome."),
    FIELD(TIME, created_at, .required = true, .doc = "When it was asked for."),
    FIELD(TIME, done_at, .doc = "When nothing was open any more."),
};
const struct shape broadcast_shape = SHAPE("Broadcast", broadcast_fields);
#undef SHAPE_STRUCT

STMT(broadcast_get,
    "WITH d AS (SELECT channel, state::text, count(*) AS n, min(settled_at) AS first_at,"
    "         max(settled_at) AS last_at FROM delivery WHERE broadcast_id = $1 GROUP BY 1, 2"
    "   UNION ALL SELECT channel, 'retry', count(*), NULL, NULL FROM delivery_retry"
    "     WHERE broadcast_id = $1 GROUP BY 1),"
    " state AS (SELECT unnest(array['accepted', 'delivered', 'retry', 'failed', 'unknown',"
    "     'suppressed', 'superseded']) AS state),"
    " audience AS (SELECT coalesce(sum(claimed), 0) AS n FROM broadcast_channel"
    "     WHERE broadcast_id = $1),"
    " waiting AS (SELECT (SELECT n FROM audience) - coalesce(sum(n)"
    "     FILTER (WHERE d.state <> 'retry'), 0) AS n FROM d)"
    " SELECT b.id, b.kind, b.state, i.ref AS incident, b.update_id AS update,"
    "   b.credit_run_id AS credit_run, (SELECT n FROM audience) AS audience,"
    "   (SELECT json_object_agg(s.state, coalesce(t.n, 0)) FROM state s LEFT JOIN"
    "     (SELECT state, sum(n) AS n FROM d GROUP BY 1) t USING (state)) AS counts,"
    "   (SELECT coalesce(json_object_agg(c.channel, c.counts), '{}') FROM (SELECT channel,"
    "      json_object_agg(state, n) AS counts FROM d GROUP BY 1) c) AS channels,"
    "   greatest((SELECT n FROM waiting), 0) AS open,"
    "   CASE WHEN b.state IN ('held', 'sending') AND ((SELECT n FROM waiting) > 0 OR EXISTS"
    "     (SELECT FROM broadcast_channel WHERE broadcast_id = $1 AND NOT exhausted))"
    "     THEN floor(extract(epoch FROM now() - b.not_before))::bigint END AS oldest_open_seconds,"
    "   (SELECT min(first_at) FROM d) AS first_at, (SELECT max(last_at) FROM d) AS last_at,"
    "   b.created_at, b.done_at"
    "  FROM broadcast b LEFT JOIN incident i ON i.id = b.incident_id WHERE b.id = $1",
    .row = &broadcast_shape);
STMT(broadcast_cancel_one,
    "UPDATE broadcast SET state = 'cancelled' WHERE id = $1 AND state IN ('held', 'sending')"
    " RETURNING id",
    .row = &row_id_shape);
STMT(broadcast_retry_failed,
    "WITH again AS (DELETE FROM delivery WHERE broadcast_id = $1 AND state = 'failed'"
    "     RETURNING broadcast_id, recipient_id, channel, code, reason)"
    " INSERT INTO delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at,"
    "   code, reason, possible_duplicate)"
    " SELECT broadcast_id, recipient_id, channel, 0, now(), now(), code, reason, true FROM again");
STMT(broadcast_reopen,
    "UPDATE broadcast SET state = 'sending', done_at = NULL WHERE id = $1"
    " AND state IN ('sending', 'done') RETURNING id",
    .row = &row_id_shape);
STMT(broadcast_exists, "SELECT id FROM broadcast WHERE id = $1", .row = &row_id_shape);
STMT(broadcast_notify, "SELECT pg_notify('broadcast', $1)");

static enum rc check_exists(struct call *c, int64_t id)
{
    struct row_id row;
    enum rc rc = db_one(c->s, c->db, &broadcast_exists, PARAMS(P_INT(id)), &row);
    return rc == RC_NOT_FOUND ? fail(c->s, rc, "no broadcast %lld", (long long)id) : rc;
}

static enum rc reply_broadcast(struct call *c, int64_t id)
{
    struct broadcast row;
    enum rc rc = db_one(c->s, c->db, &broadcast_get, PARAMS(P_INT(id)), &row);
    if (rc == RC_NOT_FOUND)
        return fail(c->s, rc, "no broadcast %lld", (long long)id);
    TRY(rc);
    return reply_object(c, &row);
}

enum rc broadcast_show(struct call *c)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    return reply_broadcast(c, id);
}

enum rc broadcast_cancel(struct call *c)
{
    int64_t id;
    struct row_id row;
    TRY(call_id(c, 0, &id));
    enum rc rc = db_one(c->s, c->db, &broadcast_cancel_one, PARAMS(P_INT(id)), &row);
    if (rc == RC_NOT_FOUND) {
        TRY(check_exists(c, id));
        return fail(c->s, RC_CONFLICT, "broadcast %lld has ended already", (long long)id);
    }
    TRY(rc);
    TRY(audit_add(c->s, c->db, call_actor(c), "broadcast.cancel", c->param[0], NULL));
    return reply_broadcast(c, id);
}

static enum rc retry(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    int64_t id;
    struct row_id row;
    TRY(call_id((struct call *)c, 0, &id));
    enum rc rc = db_one(s, db, &broadcast_reopen, PARAMS(P_INT(id)), &row);
    if (rc == RC_NOT_FOUND)
        return fail(s, RC_CONFLICT, "broadcast %lld is not one to send again", (long long)id);
    TRY(rc);
    TRY(db_do(s, db, &broadcast_retry_failed, PARAMS(P_INT(id)), NULL));
    TRY(db_do(s, db, &broadcast_notify, PARAMS(P_TEXT(c->param[0])), NULL));
    return audit_add(s, db, call_actor(c), "broadcast.retry", c->param[0], NULL);
}

enum rc broadcast_retry(struct call *c)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    TRY(check_exists(c, id));
    TRY(db_txn(c->s, c->db, retry, c));
    return reply_broadcast(c, id);
}

struct delivery {
    int64_t recipient;
    const char *channel;
    const char *address;
    const char *state;
    int64_t attempts;
    int64_t code;
    const char *reason;
    int64_t settled_at;
    int64_t due_at;
};
#define SHAPE_STRUCT struct delivery
static const struct field delivery_fields[] = {
    FIELD(INT, recipient, .required = true, .doc = "Subscriber, or contact of a credit notice."),
    FIELD(TEXT, channel, .required = true, .doc = "How."),
    FIELD(TEXT, address, .doc = "Where; URLs without their secret path."),
    FIELD(TEXT, state, .required = true, .doc = "Outcome, or retry."),
    FIELD(INT, attempts, .required = true, .doc = "How often it was tried."),
    FIELD(INT, code, .doc = "SMTP reply or HTTP status."),
    FIELD(TEXT, reason, .doc = "Why, when not accepted."),
    FIELD(TIME, settled_at, .doc = "When the outcome was there."),
    FIELD(TIME, due_at, .doc = "When a retry is due."),
};
const struct shape delivery_shape = SHAPE("Delivery", delivery_fields);
#undef SHAPE_STRUCT

struct delivery_filter {
    const char *cursor;
    int64_t limit;
    const char *state;
};
#define SHAPE_STRUCT struct delivery_filter
static const struct field delivery_filter_fields[] = {
    FIELD(TEXT, cursor, .max = 256, .doc = "next_cursor of the page before."),
    FIELD(INT, limit, .min = 1, .max = 1000, .def = "100", .doc = "Size of a page."),
    FIELD(TEXT, state, .one_of = delivery_states, .doc = "Only this state."),
};
const struct shape delivery_filter_shape = SHAPE("DeliveryFilter", delivery_filter_fields);
#undef SHAPE_STRUCT

STMT(delivery_page,
    "SELECT d.recipient_id AS recipient, d.channel::text, CASE WHEN b.kind = 'credit_notice'"
    "     THEN (SELECT email FROM account_contact WHERE id = d.recipient_id)"
    "     ELSE (SELECT address FROM subscriber WHERE id = d.recipient_id) END AS address,"
    "   d.state, d.attempts, d.code, d.reason, d.settled_at, d.due_at"
    "  FROM (SELECT broadcast_id, recipient_id, channel, state::text, attempts, code, reason,"
    "            settled_at, NULL::timestamptz AS due_at FROM delivery WHERE broadcast_id = $1"
    "       UNION ALL SELECT broadcast_id, recipient_id, channel, 'retry', attempts, code, reason,"
    "            NULL, due_at FROM delivery_retry WHERE broadcast_id = $1) d"
    "  JOIN broadcast b ON b.id = d.broadcast_id"
    " WHERE d.recipient_id > $2 AND ($4::text IS NULL OR d.state = $4)"
    " ORDER BY d.recipient_id LIMIT $3",
    .row = &delivery_shape);

enum rc delivery_list(struct call *c)
{
    const struct delivery_filter *filter = c->query;
    int64_t id, after;
    TRY(call_id(c, 0, &id));
    TRY(check_exists(c, id));
    TRY(cursor_open(c->s, c->api->keys, "deliveries", filter->cursor, &after));
    struct list rows;
    TRY(db_all(c->s, c->db, &delivery_page,
        PARAMS(P_INT(id), P_INT(after), P_INT(filter->limit), P_TEXT(filter->state)), &rows));
    const struct delivery *last = rows.n ? (const struct delivery *)rows.at + rows.n - 1 : NULL;
    bool more = last && (int64_t)rows.n == filter->limit;
    return reply_list(
        c, rows, more ? cursor_make(c->s, c->api->keys, "deliveries", last->recipient) : NULL);
}
