/* The outcomes of a broadcast per recipient. */
#include "api/broadcasts/broadcast_live.h"
#include "api/broadcasts/broadcasts.h"
#include "api/call/call.h"
#include "api/call/list_page.h"

static const char *const delivery_states[] = {
    "accepted", "delivered", "retry", "failed", "unknown", "suppressed", "superseded", NULL};

SHAPE_EXTERN(struct delivery, delivery_shape, "Delivery",
    FIELD(INT, recipient, .required = true,
        .doc = "Id of the subscriber, or of the contact for a credit notice; negative: an address "
               "of a message to staff."),
    FIELD(TEXT, channel, .required = true, .doc = "How."),
    FIELD(TEXT, address, .doc = "Address; URLs without their secret path."),
    FIELD(TEXT, state, .required = true, .doc = "Outcome, or retry."),
    FIELD(INT, attempts, .required = true, .doc = "Number of attempts."),
    FIELD(INT, code, .doc = "SMTP reply or HTTP status."),
    FIELD(TEXT, reason, .doc = "Reason, if not accepted; outbox: kept instead of sent."),
    FIELD(TEXT, diagnostic, .doc = "Text of a bounce."),
    FIELD(TIME, settled_at, .doc = "Time of the outcome."),
    FIELD(TIME, due_at, .doc = "Time of the next retry."));

struct delivery_filter {
    struct list_page page;
    const char *state;
    const char *reason;
};
const struct shape delivery_filter_shape =
    SHAPE("DeliveryFilter", struct delivery_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, state, .one_of = delivery_states, .doc = "Filter by state."),
        FIELD(TEXT, reason, .max = 64, .doc = "Filter by reason; none: those without one."));

STMT(delivery_page,
    "SELECT d.recipient_id AS recipient, d.channel::text,"
    "   CASE WHEN d.recipient_id < 0 THEN b.extra->>'to' WHEN k.recipient = 'contact'"
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
    "  JOIN broadcast b ON b.id = d.broadcast_id JOIN broadcast_kind k ON k.kind = b.kind"
    " WHERE d.recipient_id > $2 AND ($4::text IS NULL OR d.state = $4)"
    "   AND ($5::text IS NULL OR coalesce(d.reason, 'none') = $5)"
    " ORDER BY d.recipient_id LIMIT $3",
    .row = &delivery_shape);

SHAPE_EXTERN(struct delivery_reason, delivery_reason_shape, "DeliveryReason",
    FIELD(TEXT, state, .required = true, .doc = "failed, unknown or retry."),
    FIELD(TEXT, reason, .required = true, .doc = "As in deliveries; none: without one."),
    FIELD(INT, count, .required = true, .doc = "Recipients."));

/* By the index of outcomes other than accepted mails. */
STMT(delivery_reasons,
    "SELECT state, coalesce(reason, 'none') AS reason, count(*) AS count FROM ("
    "   SELECT state::text, reason FROM delivery WHERE broadcast_id = $1"
    "     AND (channel <> 'email' OR state <> 'accepted')"
    "     AND state IN ('failed', 'unknown')"
    "   UNION ALL SELECT 'retry', reason FROM delivery_retry WHERE broadcast_id = $1) d"
    " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 200",
    .row = &delivery_reason_shape);

enum rc delivery_reason_list(struct call *c)
{
    int64_t id;
    struct list rows;
    TRY(call_id(c, 0, &id));
    TRY(broadcast_check(c->s, c->db, id));
    TRY(db_all(c->s, c->db, &delivery_reasons, PARAMS(P_INT(id)), &rows));
    return reply_list(c, rows, NULL);
}

enum rc delivery_list(struct call *c)
{
    const struct delivery_filter *filter = c->query;
    int64_t id, after;
    TRY(call_id(c, 0, &id));
    TRY(broadcast_check(c->s, c->db, id));
    TRY(page_open(c, "deliveries", &after));
    if (!filter->page.cursor)
        after = INT64_MIN + 1; /* staff have negative ids */
    struct list rows;
    TRY(db_all(c->s, c->db, &delivery_page,
        PARAMS(P_INT(id), P_INT(after), P_INT(filter->page.limit), P_TEXT(filter->state),
            P_TEXT(filter->reason)),
        &rows));
    return reply_page(c, "deliveries", rows, offsetof(struct delivery, recipient));
}
