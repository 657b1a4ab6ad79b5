/* GET /v1/subscribers/{id}/deliveries and .../consents, POST .../link: a subscriber's deliveries
 * and consent log, and sending the link to manage the subscription. */
#include <string.h>

#include "api/call/created_broadcast.h"
#include "api/call/audit_log.h"
#include "api/call/list_page.h"
#include "api/subscribers/subscribers.h"
#include "api/subscribers/subscriber.h"

SHAPE_EXTERN(struct sent, sent_shape, "Sent",
    FIELD(INT, broadcast, .required = true, .doc = "Kind of message."),
    FIELD(TEXT, kind, .required = true, .doc = "update, confirmation, notice ..."),
    FIELD(TEXT, incident, .doc = "Ref of the incident."),
    FIELD(TEXT, subject, .doc = "Title of the incident, subject of the notice."),
    FIELD(TEXT, state, .required = true, .doc = "Outcome, or retry."),
    FIELD(INT, attempts, .required = true, .doc = "Number of attempts."),
    FIELD(INT, code, .doc = "SMTP reply or HTTP status."),
    FIELD(TEXT, reason, .doc = "Reason, if not accepted; outbox: kept instead of sent."),
    FIELD(TEXT, diagnostic, .doc = "Text of a bounce."),
    FIELD(TIME, created_at, .required = true, .doc = "Time of the post."),
    FIELD(TIME, settled_at, .doc = "Time of the outcome."),
    FIELD(TIME, due_at, .doc = "Time of the next retry."));

STMT(subscriber_sent, "SELECT * FROM amends.subscriber_sent($1, $2, $3)", .row = &sent_shape);

/* A page of stmt for the subscriber, newest first; $1: their id, $2: the page begins below this id,
 * $3: size of the page. */
static enum rc read_page(
    struct call *c, const char *kind, const struct stmt *stmt, struct list *ret_rows)
{
    const struct page_filter *filter = c->query;
    struct subscriber row;
    int64_t id, before;
    TRY(call_id(c, 0, &id));
    TRY(subscriber_read(c->s, c->db, id, &row));
    TRY(page_open(c, kind, &before));
    return db_all(c->s, c->db, stmt,
        PARAMS(P_INT(id), P_INT(before ? before : INT64_MAX), P_INT(filter->page.limit)), ret_rows);
}

enum rc subscriber_deliveries(struct call *c)
{
    struct list rows;
    TRY(read_page(c, "sent", &subscriber_sent, &rows));
    return reply_page(c, "sent", rows, offsetof(struct sent, broadcast));
}

SHAPE_EXTERN(struct agreement, agreement_shape, "Consent",
    FIELD(INT, id, .required = true,
        .doc = "Id of the row; negative: id of the import that added the subscriber."),
    FIELD(TEXT, action, .required = true, .doc = "subscribed, confirmed, paused, unsubscribed ..."),
    FIELD(TEXT, wording, .required = true, .doc = "Version of the wording shown."),
    FIELD(TEXT, source, .required = true, .doc = "api, page, one-click, import, sms ..."),
    FIELD(TEXT, actor, .doc = "reader, or the owner of the key."),
    FIELD(TIME, at, .required = true, .doc = "When."));

STMT(subscriber_agreements,
    "SELECT id, action, wording, source, actor, at FROM amends.consent_log"
    " WHERE subscriber_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
    .row = &agreement_shape);

enum rc subscriber_consents(struct call *c)
{
    struct list rows;
    TRY(read_page(c, "consents", &subscriber_agreements, &rows));
    return reply_page(c, "consents", rows, offsetof(struct agreement, id));
}

STMT(subscriber_letter, "SELECT amends.letter_send($1, $2) AS id", .row = &row_int);

struct linking {
    const struct call *c;
    int64_t id;
    int64_t broadcast;
};

static enum rc send_link(struct scope *s, struct db *db, void *arg)
{
    struct linking *linking = arg;
    struct subscriber row;
    TRY(subscriber_read(s, db, linking->id, &row));
    bool pending = !strcmp(row.state, "pending");
    if (!pending && strcmp(row.state, "active") != 0 && strcmp(row.state, "paused") != 0)
        return fail(s, RC_CONFLICT, "a subscriber in state %s receives no messages", row.state);
    TRY(db_one(s, db, &subscriber_letter,
        PARAMS(P_TEXT(pending ? "confirmation" : "manage"), P_INT(linking->id)),
        &linking->broadcast));
    if (linking->broadcast == SHAPE_NONE)
        return fail(s, RC_CONFLICT, "they have already received three of these links within a day");
    return audit_add(s, db, call_actor(linking->c), "subscriber.link",
        scope_printf(s, "subscriber:%lld", (long long)linking->id), NULL);
}

enum rc subscriber_link(struct call *c)
{
    struct linking linking = {.c = c};
    TRY(call_id(c, 0, &linking.id));
    TRY(db_txn(c->s, c->db, send_link, &linking));
    return reply_created_broadcast(c, linking.broadcast);
}
