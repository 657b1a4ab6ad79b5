/* GET /v1/outbox and /v1/outbox/{id}. */
#include "api/outbox/outbox.h"

#include <string.h>

#include "api/call/list_page.h"
#include "api/subscribers/address.h"
#include "core/mail/mail_read.h"

SHAPE_EXTERN(struct outbox_line, outbox_line_shape, "OutboxLine",
    FIELD(INT, id, .required = true, .doc = "Id, newer messages having greater ones."),
    FIELD(INT, broadcast, .required = true, .doc = "Broadcast of the message."),
    FIELD(TEXT, kind, .required = true, .doc = "update, confirmation, credit_notice ..."),
    FIELD(TEXT, channel, .required = true, .doc = "Channel."),
    FIELD(TEXT, address, .required = true, .doc = "Address; URLs without their secret path."),
    FIELD(TEXT, subject, .required = true, .doc = "Subject, first words or title."),
    FIELD(INT, segments, .doc = "Segments of an SMS."),
    FIELD(TIME, at, .required = true, .doc = "Time at which it would have been sent."));

SHAPE_EXTERN(struct outbox_message, outbox_message_shape, "OutboxMessage",
    FIELD(INT, id, .required = true, .doc = "Id."),
    FIELD(INT, broadcast, .required = true, .doc = "Broadcast of the message."),
    FIELD(TEXT, kind, .required = true, .doc = "update, confirmation, credit_notice ..."),
    FIELD(TEXT, channel, .required = true, .doc = "Channel."),
    FIELD(TEXT, address, .required = true, .doc = "Address; URLs without their secret path."),
    FIELD(TEXT, subject, .required = true, .doc = "Subject, first words or title."),
    FIELD(INT, segments, .doc = "Segments of an SMS."),
    FIELD(TIME, at, .required = true, .doc = "Time at which it would have been sent."),
    FIELD(TEXT, headers, .required = true, .multiline = true,
        .doc = "Header fields of the mail or HTTP request, one per line, without credentials."),
    FIELD(TEXT, text, .multiline = true, .doc = "Text of a mail or SMS."),
    FIELD(TEXT, html, .multiline = true, .doc = "HTML of a mail."),
    FIELD(TEXT, body, .required = true, .multiline = true,
        .doc = "The mail (RFC 5322), the text of the SMS, or the JSON of the request."));

struct outbox_filter {
    struct list_page page;
    const char *channel, *address;
};
const struct shape outbox_filter_shape =
    SHAPE("OutboxFilter", struct outbox_filter, PAGE_FIELDS("50", 200),
        FIELD(TEXT, channel, .one_of = channel_name, .doc = "Filter by channel."),
        FIELD(TEXT, address, .max = 200, .doc = "Filter by part of the displayed address."));

/* Only admins see messages to staff. An invitation opens an account, so it is shown only in a
 * trial, whose people have no other way to get it. */
#define SHOWN(admin) \
    "(k.recipient <> 'staff' OR " admin ") AND (b.kind <> 'invitation'" \
    "   OR NOT EXISTS (SELECT FROM relay_seen))"

STMT(outbox_page,
    "SELECT m.id, m.broadcast_id AS broadcast, b.kind, m.channel::text, m.address, m.subject,"
    "   m.segments, m.at FROM outbox_message m JOIN broadcast b ON b.id = m.broadcast_id"
    "   JOIN broadcast_kind k ON k.kind = b.kind"
    " WHERE m.id < $1 AND ($3::text IS NULL OR m.channel::text = $3)"
    "   AND ($4::text IS NULL OR position(lower($4) IN lower(m.address)) > 0)"
    "   AND " SHOWN("$5") " ORDER BY m.id DESC LIMIT $2",
    .row = &outbox_line_shape);

STMT(outbox_one,
    "SELECT m.id, m.broadcast_id AS broadcast, b.kind, m.channel::text, m.address, m.subject,"
    "   m.segments, m.at, m.headers, m.body"
    "  FROM outbox_message m JOIN broadcast b ON b.id = m.broadcast_id"
    "  JOIN broadcast_kind k ON k.kind = b.kind WHERE m.id = $1 AND " SHOWN("$2"),
    .row = &outbox_message_shape);

STMT(outbox_on,
    "SELECT EXISTS (SELECT FROM notifier n JOIN amends.notifier_alive USING (id)"
    "  WHERE n.outbox) AS is_on",
    .row = &row_bool);

enum rc outbox_is_on(struct scope *s, struct db *db, bool *ret_on)
{
    return db_one(s, db, &outbox_on, NO_PARAMS, ret_on);
}

enum rc outbox_list(struct call *c)
{
    const struct outbox_filter *filter = c->query;
    struct list rows;
    int64_t before;
    TRY(page_open(c, "outbox", &before));
    TRY(db_all(c->s, c->db, &outbox_page,
        PARAMS(P_INT(before ? before : INT64_MAX), P_INT(filter->page.limit),
            P_TEXT(filter->channel), P_TEXT(filter->address), P_BOOL(auth_may(c->key, "admin"))),
        &rows));
    return reply_page(c, "outbox", rows, offsetof(struct outbox_line, id));
}

enum rc outbox_get(struct call *c)
{
    int64_t id;
    struct outbox_message row;
    struct mail_read mail;
    TRY(call_id(c, 0, &id));
    TRY(db_one(
        c->s, c->db, &outbox_one, PARAMS(P_INT(id), P_BOOL(auth_may(c->key, "admin"))), &row));
    if (!strcmp(row.channel, "sms")) {
        row.text = row.body;
    } else if (!strcmp(row.channel, "email")) {
        TRY(mail_read(c->s, row.body, strlen(row.body), &mail));
        row.headers = mail.headers;
        row.text = mail.text;
        row.html = mail.html;
    }
    return reply_object(c, &row);
}
