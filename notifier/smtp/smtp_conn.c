#include "notifier/smtp/smtp_conn.h"

#include <string.h>

#include "core/clock.h"
#include "core/mail/mailaddr.h"
#include "notifier/smtp/smtp_outcome.h"

enum { IDLE_S = 20 /* an idle connection is kept for so long */ };

void conn_init(struct conn *conn)
{
    *conn = (struct conn){.state = CONN_FREE, .session = {.fd = -1}};
    strbuf_init(&conn->out, CONN_OUT_MAX);
    strbuf_init(&conn->in, CONN_IN_MAX);
    strbuf_init(&conn->said, CONN_SAID_MAX);
}

void conn_release(struct conn *conn)
{
    strbuf_release(&conn->out);
    strbuf_release(&conn->in);
    strbuf_release(&conn->said);
}

/* The message has ended, but replies to its commands may still come. */
static void forget(struct conn *conn, const struct flight *flight)
{
    await_forget(&conn->awaited, flight);
    if (conn->envelope == flight)
        conn->envelope = NULL;
    if (conn->body == flight)
        conn->body = NULL;
    for (int i = 0; i < conn->n_window; i++) {
        if (conn->window[i] != flight)
            continue;
        conn->window_octets -= flight->message.wire.len;
        conn->n_window--;
        memmove(conn->window + i, conn->window + i + 1,
            (size_t)(conn->n_window - i) * sizeof(struct flight *));
        return;
    }
}

void conn_set_deadline(struct conn *conn, int64_t now)
{
    int64_t wait = await_patience(&conn->awaited);
    if (!conn->awaited.n)
        wait = IDLE_S * CLOCK_SECOND;
    else if (conn->timeout_ms)
        wait = conn->timeout_ms * (CLOCK_SECOND / 1000);
    conn->deadline = now + wait;
}

/* ---- sending ---- */

void conn_send_more(struct conn *conn, int64_t now)
{
    if (!conn->sending)
        return;
    size_t before = conn->sent;
    switch (
        smtp_session_send(&conn->session, conn->sending->buf, conn->sending->len, &conn->sent)) {
    case SMTP_IO_DONE:
        conn->sending = NULL;
        break;
    case SMTP_IO_AGAIN:
        break;
    case SMTP_IO_LOST:
        conn_lost(conn);
        return;
    }
    /* While a long body is sent on a slow line, the relay is not silent. */
    if (conn->sent != before) {
        conn_set_deadline(conn, now);
        conn->spoke = true;
    }
}

void conn_send(struct conn *conn, const struct strbuf *b, int64_t now)
{
    bool early = conn->sending;
    conn->sending = b;
    conn->sent = 0;
    if (early)
        conn_lost(conn);
    else
        conn_send_more(conn, now);
}

void conn_add_mail(struct conn *conn, struct strbuf *b, struct flight *flight)
{
    bool utf8 = mailaddr_needs_utf8(flight->message.rcpt);
    strbuf_addstr(b, "MAIL FROM:<");
    strbuf_addstr(b, flight->message.mail_from);
    strbuf_addstr(b, utf8 ? "> SMTPUTF8\r\n" : ">\r\n");
    await_push(&conn->awaited, AWAIT_MAIL, flight);
}

void conn_add_rcpt(struct conn *conn, struct strbuf *b, struct flight *flight)
{
    strbuf_addstr(b, "RCPT TO:<");
    strbuf_addstr(b, flight->message.rcpt);
    strbuf_addstr(b, ">\r\n");
    await_push(&conn->awaited, AWAIT_RCPT, flight);
}

/* ---- how a message ends ---- */

/* Adapt to the relay's condition, as the end of a message shows it. */
static void adapt_relay(struct conn *conn, const struct smtp_result *result, int64_t now)
{
    struct smtp_outcome outcome = smtp_classify(result);
    conn->answered |= result->code && result->stage > SMTP_MAIL;
    bool hard = outcome.relay == SMTP_RELAY_PAUSE;
    if (outcome.state == OUTCOME_ACCEPTED) {
        relay_accepted(conn->relay);
        relay_trouble(conn->relay, NULL, 0);
    } else if (outcome.relay != SMTP_RELAY_FINE && result->code &&
               (result->stage == SMTP_MAIL || result->code == 530)) {
        relay_trouble(conn->relay, result->text ? result->text : "refused", result->code);
        relay_pause(conn->relay, hard, now);
        conn_drain(conn);
    } else if (hard && result->code) { /* perhaps only of some recipients: it goes on */
        relay_trouble(conn->relay, result->text, result->code);
    } else if (outcome.relay == SMTP_RELAY_BACK_OFF) {
        relay_shrink(conn->relay, now);
    }
}

/* The buffer of a message that ends may contain the next envelope, partly sent. */
static void keep_unsent(struct conn *conn, const struct flight *flight)
{
    if (conn->sending != &flight->message.wire)
        return;
    strbuf_clear(&conn->out);
    strbuf_add(&conn->out, conn->sending->buf + conn->sent, conn->sending->len - conn->sent);
    conn->sending = &conn->out;
    conn->sent = 0;
}

struct smtp_result conn_result(struct conn *conn, const struct reply *reply, enum await what)
{
    strbuf_clear(&conn->said);
    strbuf_add(
        &conn->said, reply->text, reply->all_len < CONN_SAID_MAX ? reply->all_len : CONN_SAID_MAX);
    return (struct smtp_result){.stage = await_stage(what),
        .code = reply->code,
        .enhanced = {reply->enhanced[0], reply->enhanced[1], reply->enhanced[2]},
        .text = conn->said.buf};
}

void conn_finish(
    struct conn *conn, struct flight *flight, const struct smtp_result *result, int64_t now)
{
    keep_unsent(conn, flight);
    forget(conn, flight);
    conn->relay->in_flight--;
    adapt_relay(conn, result, now);
    conn->host->finish(conn->host->ctx, flight, result);
}

void conn_give_back(struct conn *conn, struct flight *flight, const struct smtp_result *result)
{
    forget(conn, flight);
    conn->relay->in_flight--;
    conn->host->give_back(conn->host->ctx, flight, result);
}

/* A temporary refusal of the sender does not concern the message: it may take another connection,
 * or be sent later while it may wait. */
void conn_refused(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    struct smtp_result result = conn_result(conn, reply, e.what);
    conn->needs_reset = true;
    if (!e.flight)
        return;
    if (e.what != AWAIT_MAIL || reply->code >= 500) {
        conn_finish(conn, e.flight, &result, now);
        return;
    }
    adapt_relay(conn, &result, now);
    conn_give_back(conn, e.flight, &result);
}

void conn_drain(struct conn *conn)
{
    if (conn->draining)
        return;
    conn->draining = true;
    conn->relay->connections--;
    conn->relay->open -= conn->state != CONN_CONNECTING;
}
