/* GET /v1/broadcasts/{id}, .../deliveries, POST .../retry, POST .../cancel. */
#include "api/broadcasts/broadcast_live.h"
#include "api/call/call.h"
#include "api/call/cursor.h"
#include "api/call/lookup.h"
#include "api/resources.h"

static const char *const delivery_states[] = {
    "accepted", "delivered", "retry", "failed", "unknown", "suppressed", "superseded", NULL};

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
STMT(broadcast_notify, "SELECT pg_notify('broadcast', $1)");

static enum rc reply_broadcast(struct call *c, int64_t id)
{
    struct broadcast row;
    TRY(broadcast_read(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

enum rc broadcast_show(struct call *c)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    return reply_broadcast(c, id);
}

static enum rc cancel(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    int64_t id;
    struct row_id row;
    TRY(call_id((struct call *)c, 0, &id));
    enum rc rc = db_one(s, db, &broadcast_cancel_one, PARAMS(P_INT(id)), &row);
    if (rc == RC_NOT_FOUND)
        return fail(s, RC_CONFLICT, "broadcast %lld has ended already", (long long)id);
    TRY(rc);
    return audit_add(s, db, call_actor(c), "broadcast.cancel", c->param[0], NULL);
}

enum rc broadcast_cancel(struct call *c)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    TRY(broadcast_check(c->s, c->db, id));
    TRY(db_txn(c->s, c->db, cancel, c));
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
    TRY(broadcast_check(c->s, c->db, id));
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
    const char *diagnostic;
    int64_t settled_at;
    int64_t due_at;
};
#define SHAPE_STRUCT struct delivery
static const struct field delivery_fields[] = {
    FIELD(INT, recipient, .required = true,
        .doc = "Subscriber, contact of a credit notice; below 0: an address of the letter."),
    FIELD(TEXT, channel, .required = true, .doc = "How."),
    FIELD(TEXT, address, .doc = "Where; URLs without their secret path."),
    FIELD(TEXT, state, .required = true, .doc = "Outcome, or retry."),
    FIELD(INT, attempts, .required = true, .doc = "How often it was tried."),
    FIELD(INT, code, .doc = "SMTP reply or HTTP status."),
    FIELD(TEXT, reason, .doc = "Why, when not accepted."),
    FIELD(TEXT, diagnostic, .doc = "What a bounce said."),
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
    "SELECT d.recipient_id AS recipient, d.channel::text,"
    "   CASE WHEN d.recipient_id < 0 THEN b.extra->>'to' WHEN b.kind IN ('credit_notice', "
    "'credit_answer')"
    "     THEN (SELECT email FROM account_contact WHERE id = d.recipient_id)"
    "     ELSE (SELECT address FROM subscriber WHERE id = d.recipient_id) END AS address,"
    "   d.state, d.attempts, d.code, d.reason, d.settled_at, d.due_at,"
    "   (SELECT concat_ws(' ', x.status, x.diagnostic) FROM bounce x"
    "     WHERE d.reason = 'bounced' AND x.broadcast_id = $1 AND x.recipient_id = d.recipient_id"
    "     ORDER BY x.class LIMIT 1) AS diagnostic"
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
    TRY(broadcast_check(c->s, c->db, id));
    TRY(cursor_open(c->s, c->api->keys, "deliveries", filter->cursor, &after));
    if (!filter->cursor)
        after = INT64_MIN + 1; /* staff have negative ids */
    struct list rows;
    TRY(db_all(c->s, c->db, &delivery_page,
        PARAMS(P_INT(id), P_INT(after), P_INT(filter->limit), P_TEXT(filter->state)), &rows));
    const struct delivery *last = rows.n ? (const struct delivery *)rows.at + rows.n - 1 : NULL;
    bool more = last && (int64_t)rows.n == filter->limit;
    return reply_list(
        c, rows, more ? cursor_make(c->s, c->api->keys, "deliveries", last->recipient) : NULL);
}
