#include "notifier/outbox/outbox.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/db/db.h"
#include "core/log.h"
#include "core/mail/mailaddr.h"
#include "core/net/net.h"
#include "messages/broadcast.h"
#include "notifier/outbox/outbox_message.h"

enum { TOGETHER = 64, STEP_MS = 500, BACK_OFF_MS = 500 };

struct outbox {
    const struct sender *sender;
    struct handover *handover;
    const char *domain;
    struct db *db;
    struct http_request request;
    struct batch *list;
    struct recipient *at[TOGETHER]; /* whose messages are written together */
    size_t n;
    bool reported; /* that the database is away */
};

/* A staff member or an address has neither row; an erased person none any more. */
STMT(outbox_write,
    "INSERT INTO outbox_message AS m (broadcast_id, recipient_id, subscriber_id, contact_id,"
    "   channel, address, subject, headers, body, segments)"
    " SELECT o.broadcast_id, o.recipient_id, s.id, c.id, o.channel::channel,"
    "   CASE WHEN o.channel IN ('email', 'sms') THEN o.address"
    "     ELSE coalesce(s.address, o.address) END, o.subject, o.headers, o.body, o.segments"
    " FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],"
    "     $7::text[], $8::smallint[])"
    "   AS o(broadcast_id, recipient_id, channel, address, subject, headers, body, segments)"
    " JOIN broadcast b ON b.id = o.broadcast_id JOIN broadcast_kind k ON k.kind = b.kind"
    " LEFT JOIN subscriber s ON k.recipient IN ('subscriber', 'former', 'owner')"
    "   AND s.id = o.recipient_id"
    " LEFT JOIN account_contact c ON k.recipient = 'contact' AND c.id = o.recipient_id"
    " ON CONFLICT (broadcast_id, recipient_id) DO UPDATE SET headers = excluded.headers,"
    "   body = excluded.body, at = now()");

/* Ids follow the order of time. */
STMT(outbox_bound,
    "DELETE FROM outbox_message WHERE id <= (SELECT id FROM outbox_message ORDER BY id DESC"
    "   OFFSET $1 LIMIT 1)");

struct columns {
    int64_t broadcast[TOGETHER], recipient[TOGETHER], segments[TOGETHER];
    const char *channel[TOGETHER], *address[TOGETHER], *subject[TOGETHER], *headers[TOGETHER],
        *body[TOGETHER];
    size_t n;
};

static void add(struct columns *c, const struct recipient *r, const struct outbox_message *m)
{
    size_t i = c->n++;
    c->broadcast[i] = r->batch->broadcast->id;
    c->recipient[i] = r->id;
    c->channel[i] = channel_name[r->batch->channel];
    c->address[i] = m->address;
    c->subject[i] = m->subject;
    c->headers[i] = m->headers;
    c->body[i] = m->body;
    c->segments[i] = m->segments;
}

/* Take recipients and make their messages; those that cannot be made have failed. */
static void make(struct scope *s, struct outbox *outbox, struct columns *c)
{
    struct recipient *r;
    while (outbox->n < TOGETHER &&
           (r = handover_next(outbox->handover, &outbox->list, CHANNEL_COUNT))) {
        struct outbox_message message;
        struct outcome failed = {.state = OUTCOME_FAILED};
        failed.reason =
            outbox_message_make(s, outbox->sender, outbox->domain, &outbox->request, r, &message);
        http_request_end(&outbox->request);
        if (failed.reason) {
            handover_ended(outbox->handover, r, &failed);
            continue;
        }
        add(c, r, &message);
        outbox->at[outbox->n++] = r;
    }
}

static enum rc write_rows(struct scope *s, struct db *db, void *arg)
{
    const struct columns *c = arg;
#define TEXTS(list) P_TEXT_LIST(s, (const char **)(list), c->n)
    return db_do(s, db, &outbox_write,
        PARAMS(P_INTS(s, c->broadcast, c->n), P_INTS(s, c->recipient, c->n), TEXTS(c->channel),
            TEXTS(c->address), TEXTS(c->subject), TEXTS(c->headers), TEXTS(c->body),
            P_INTS(s, c->segments, c->n)),
        NULL);
#undef TEXTS
}

/* Until it is written or the notifier stops. */
static bool keep(struct scope *s, struct outbox *outbox, struct columns *c)
{
    while (db_txn(s, outbox->db, write_rows, c) != RC_OK) {
        if (!outbox->reported)
            log_fault("the outbox waits for the database", s);
        outbox->reported = true;
        if (atomic_load(&outbox->handover->stop))
            return false;
        poll(NULL, 0, BACK_OFF_MS);
    }
    outbox->reported = false;
    if (db_do(s, outbox->db, &outbox_bound, PARAMS(P_INT(outbox->sender->config->outbox_messages)),
            NULL) != RC_OK)
        log_fault("the outbox is not shortened", s);
    return true;
}

static bool step(struct outbox *outbox)
{
    SCOPE(s);
    struct columns *c = scope_alloc(s, sizeof *c);
    c->n = outbox->n = 0;
    make(s, outbox, c);
    if (!c->n)
        return false;
    bool kept = keep(s, outbox, c);
    const struct outcome outcome = {.state = kept ? OUTCOME_ACCEPTED : OUTCOME_RETURNED,
        .reason = kept ? OUTCOME_OUTBOX : NULL};
    for (size_t i = 0; i < outbox->n; i++)
        handover_ended(outbox->handover, outbox->at[i], &outcome);
    return true;
}

static void take(struct outbox *outbox, int timeout_ms)
{
    struct handover *h = outbox->handover;
    struct pollfd fds[FEED_COUNT];
    for (int i = 0; i < FEED_COUNT; i++)
        fds[i] = (struct pollfd){.fd = h->feed[i].wake, .events = POLLIN};
    poll(fds, FEED_COUNT, timeout_ms);
    for (int i = 0; i < FEED_COUNT; i++) {
        handover_drain(h->feed[i].wake);
        handover_take(h, (enum feed_of)i, &outbox->list);
    }
}

void *outbox_run(void *arg)
{
    SCOPE(s);
    struct outbox outbox = {.sender = arg};
    char *name, *address;
    outbox.handover = outbox.sender->handover;
    if (mailaddr_split_mailbox(s, outbox.sender->config->mail_from, &name, &address) != RC_OK) {
        log_fault("nothing is kept: mail_from is wrong", s);
        return NULL;
    }
    outbox.domain = strrchr(address, '@') + 1;
    outbox.db = db_new(outbox.sender->config->database_url, "notifier outbox");
    net_start();
    http_request_init(&outbox.request);
    while (!atomic_load(&outbox.handover->stop))
        take(&outbox, step(&outbox) ? 0 : STEP_MS);
    take(&outbox, 0);
    handover_return(outbox.handover, &outbox.list);
    http_request_release(&outbox.request);
    db_free(outbox.db);
    return NULL;
}
