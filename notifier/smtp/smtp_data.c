#include "notifier/smtp/smtp_data.h"

/*
 * With PIPELINING at most two messages are in flight: one whose body was sent, and one whose
 * envelope was sent after it. Without, one, in lock-step.
 */

static void send_command(
    struct conn *conn, enum await what, struct flight *flight, const char *command, int64_t now)
{
    strbuf_clear(&conn->out);
    strbuf_addstr(&conn->out, command);
    await_push(&conn->awaited, what, flight);
    conn_send(conn, &conn->out, now);
}

/* As much of the envelope as may be sent at once. */
static void add_envelope(struct conn *conn, struct strbuf *b, struct flight *flight)
{
    conn->envelope = flight;
    conn_add_mail(conn, b, flight);
    if (!conn->session.pipelining)
        return;
    conn_add_rcpt(conn, b, flight);
    strbuf_addstr(b, "DATA\r\n");
    await_push(&conn->awaited, AWAIT_DATA, flight);
}

void data_begin(struct conn *conn, int64_t now)
{
    struct flight *flight = conn->host->take(conn->host->ctx, conn);
    if (!flight)
        return;
    strbuf_clear(&conn->out);
    if (conn->needs_reset) {
        strbuf_addstr(&conn->out, "RSET\r\n");
        await_push(&conn->awaited, AWAIT_RSET, NULL);
        conn->needs_reset = false;
    }
    if (conn->awaited.n && !conn->session.pipelining)
        conn->envelope = flight; /* MAIL follows the reply to RSET */
    else
        add_envelope(conn, &conn->out, flight);
    conn_send(conn, &conn->out, now);
}

/* DATA was accepted: send the body, its dot and the next envelope in one write. */
static void send_body(struct conn *conn, int64_t now)
{
    struct flight *flight = conn->envelope;
    struct strbuf *wire = &flight->message.wire;
    conn->envelope = NULL;
    conn->body = flight;
    strbuf_addstr(wire, ".\r\n");
    flight->dot_end = wire->len;
    await_push(&conn->awaited, AWAIT_DOT, flight);
    if (conn->session.pipelining && !conn->draining) {
        struct flight *behind = conn->host->take(conn->host->ctx, conn);
        if (behind)
            add_envelope(conn, wire, behind);
    }
    conn_send(conn, wire, now);
}

static bool dot_is_out(const struct conn *conn)
{
    const struct flight *flight = conn->body;
    return conn->sending != &flight->message.wire || conn->sent >= flight->dot_end;
}

static void on_reset_reply(struct conn *conn, const struct reply *reply, int64_t now)
{
    if (reply->code / 100 != 2) {
        conn_lost(conn);
    } else if (!conn->session.pipelining && conn->envelope) {
        strbuf_clear(&conn->out);
        conn_add_mail(conn, &conn->out, conn->envelope);
        conn_send(conn, &conn->out, now);
    }
}

/* MAIL or RCPT; DATA was sent with it if the relay pipelines. */
static void on_envelope_reply(
    struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    if (reply->code / 100 != 2) {
        conn_refused(conn, e, reply, now);
        return;
    }
    if (conn->session.pipelining || !e.flight)
        return;
    if (e.what == AWAIT_RCPT) {
        send_command(conn, AWAIT_DATA, e.flight, "DATA\r\n", now);
        return;
    }
    strbuf_clear(&conn->out);
    conn_add_rcpt(conn, &conn->out, e.flight);
    conn_send(conn, &conn->out, now);
}

static void on_data_reply(
    struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    if (reply->code == 354 && e.flight)
        send_body(conn, now);
    else if (reply->code == 354) /* without a recipient: RFC 2920 3.1 wants an empty message */
        send_command(conn, AWAIT_SPARE_DOT, NULL, ".\r\n", now);
    else if (reply->code >= 400)
        conn_refused(conn, e, reply, now);
    else
        conn_lost(conn);
}

/* A reply before the dot is known to be sent is a refusal in mid-body (or TLS sent more than it
 * reported): it counts, but the relay would read the rest of the body as commands, so the session
 * is over. */
static void on_dot_reply(
    struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    struct smtp_result result = conn_result(conn, reply, e.what);
    bool early = e.flight && !dot_is_out(conn);
    conn->needs_reset = false;
    result.after_dot = !early;
    if (e.flight)
        conn_finish(conn, e.flight, &result, now);
    if (early)
        conn_lost(conn);
}

void data_reply(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    switch (e.what) {
    case AWAIT_RSET:
        on_reset_reply(conn, reply, now);
        break;
    case AWAIT_MAIL:
    case AWAIT_RCPT:
        on_envelope_reply(conn, e, reply, now);
        break;
    case AWAIT_DATA:
        on_data_reply(conn, e, reply, now);
        break;
    case AWAIT_DOT:
    case AWAIT_SPARE_DOT:
        on_dot_reply(conn, e, reply, now);
        break;
    case AWAIT_BDAT:
        break;
    }
}

/* An envelope without its body delivers nothing, so another connection may send it again. But if
 * the session ended at this recipient, the message has ended, too: otherwise it could end one
 * connection after the other. */
static void return_envelope(struct conn *conn, int64_t now)
{
    struct flight *flight = conn->envelope;
    struct smtp_result result = {.stage = await_stage_of(&conn->awaited, flight),
        .code = conn->last_code == 421 ? conn->last_code : 0};
    if (result.stage == SMTP_MAIL)
        conn_give_back(conn, flight, &result);
    else
        conn_finish(conn, flight, &result, now);
}

void data_lost(struct conn *conn, int64_t now)
{
    if (conn->body) {
        /* With TLS the last octets may have been sent although that is not reported. */
        struct smtp_result result = {
            .stage = SMTP_DOT, .after_dot = conn->session.tls || dot_is_out(conn)};
        conn->sending = NULL;
        conn_finish(conn, conn->body, &result, now);
    }
    if (conn->envelope)
        return_envelope(conn, now);
}
