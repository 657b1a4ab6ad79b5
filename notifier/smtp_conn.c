#include "notifier/smtp_conn.h"

#include <string.h>

#include "core/clock.h"
#include "core/mailaddr.h"
#include "notifier/reply.h"
#include "notifier/verdict.h"

enum { IDLE_S = 20 /* how long an idle connection is kept */ };

void conn_init(struct conn *conn)
{
    *conn = (struct conn){.state = CONN_FREE, .session = {.fd = -1}};
    strbuf_init(&conn->out, CONN_OUT_MAX);
    strbuf_init(&conn->in, CONN_IN_MAX);
}

void conn_release(struct conn *conn)
{
    strbuf_release(&conn->out);
    strbuf_release(&conn->in);
}

/* The message has ended, but replies to its commands may still come. */
static void forget(struct conn *conn, const struct flight *flight)
{
    await_forget(&conn->awaited, flight);
    if (conn->envelope == flight)
        conn->envelope = NULL;
    if (conn->body == flight)
        conn->body = NULL;
}

static void set_deadline(struct conn *conn, int64_t now)
{
    int64_t wait = await_patience(&conn->awaited);
    if (!conn->awaited.n)
        wait = IDLE_S * CLOCK_SECOND;
    else if (conn->timeout_ms)
        wait = conn->timeout_ms * (CLOCK_SECOND / 1000);
    conn->deadline = now + wait;
}

/* ---- sending ---- */

void conn_writable(struct conn *conn, int64_t now)
{
    if (!conn->sending)
        return;
    size_t before = conn->sent;
    switch (session_send(&conn->session, conn->sending->buf, conn->sending->len, &conn->sent)) {
    case SESSION_DONE:
        conn->sending = NULL;
        break;
    case SESSION_AGAIN:
        break;
    case SESSION_LOST:
        conn_lost(conn, now);
        return;
    }
    /* A long body on a slow line is no silence of the relay. */
    if (conn->sent != before)
        set_deadline(conn, now);
}

/* Only called when every reply but the awaited ones has come, so all has been sent,
 * unless the relay answers what it has not read. */
static void send_buffer(struct conn *conn, const struct strbuf *b, int64_t now)
{
    bool early = conn->sending;
    conn->sending = b;
    conn->sent = 0;
    if (early) {
        conn_lost(conn, now);
        return;
    }
    conn_writable(conn, now);
}

static void send_command(
    struct conn *conn, enum await what, struct flight *flight, const char *command, int64_t now)
{
    strbuf_clear(&conn->out);
    strbuf_addstr(&conn->out, command);
    await_push(&conn->awaited, what, flight);
    send_buffer(conn, &conn->out, now);
}

static void add_mail(struct conn *conn, struct strbuf *b, struct flight *flight)
{
    bool utf8 = mailaddr_needs_utf8(flight->message.rcpt);
    strbuf_addstr(b, "MAIL FROM:<");
    strbuf_addstr(b, flight->message.mail_from);
    strbuf_addstr(b, utf8 ? "> SMTPUTF8\r\n" : ">\r\n");
    await_push(&conn->awaited, AWAIT_MAIL, flight);
}

static void add_rcpt(struct conn *conn, struct strbuf *b, struct flight *flight)
{
    strbuf_addstr(b, "RCPT TO:<");
    strbuf_addstr(b, flight->message.rcpt);
    strbuf_addstr(b, ">\r\n");
    await_push(&conn->awaited, AWAIT_RCPT, flight);
}

/* As much of the envelope as may go out at once. */
static void add_envelope(struct conn *conn, struct strbuf *b, struct flight *flight)
{
    conn->envelope = flight;
    add_mail(conn, b, flight);
    if (!conn->session.pipelining)
        return;
    add_rcpt(conn, b, flight);
    strbuf_addstr(b, "DATA\r\n");
    await_push(&conn->awaited, AWAIT_DATA, flight);
}

void conn_begin(struct conn *conn, int64_t now)
{
    if (conn->draining)
        return;
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
    send_buffer(conn, &conn->out, now);
}

/* DATA was granted: the body, its dot and the next envelope, in one write. */
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
    send_buffer(conn, wire, now);
}

/* ---- replies ---- */

static bool dot_is_out(const struct conn *conn)
{
    const struct flight *flight = conn->body;
    return conn->sending != &flight->message.wire || conn->sent >= flight->dot_end;
}

/* What the end of a message says about the relay. */
static void judge_relay(struct conn *conn, const struct smtp_result *result, int64_t now)
{
    struct verdict verdict = verdict_smtp(result);
    conn->answered |= result->code && result->stage > SMTP_MAIL;
    bool hard = verdict.relay == VERDICT_RELAY_PAUSE;
    if (verdict.outcome == VERDICT_ACCEPTED) {
        relay_accepted(conn->relay);
    } else if (verdict.relay != VERDICT_RELAY_FINE && result->code &&
               (result->stage == SMTP_MAIL || result->code == 530)) {
        relay_pause(conn->relay, hard, now);
        conn_drain(conn);
    } else if (verdict.relay == VERDICT_RELAY_BACK_OFF) {
        relay_shrink(conn->relay, now);
    }
}

/* The buffer of a message that ends may still hold the next envelope, half sent. */
static void keep_unsent(struct conn *conn, const struct flight *flight)
{
    if (conn->sending != &flight->message.wire)
        return;
    strbuf_clear(&conn->out);
    strbuf_add(&conn->out, conn->sending->buf + conn->sent, conn->sending->len - conn->sent);
    conn->sending = &conn->out;
    conn->sent = 0;
}

static struct smtp_result result_of(const struct reply *reply, enum await what)
{
    return (struct smtp_result){.stage = await_stage(what),
        .code = reply->code,
        .enhanced = {reply->enhanced[0], reply->enhanced[1], reply->enhanced[2]},
        .text = reply->text};
}

static void finish(
    struct conn *conn, struct flight *flight, const struct smtp_result *result, int64_t now)
{
    keep_unsent(conn, flight);
    forget(conn, flight);
    judge_relay(conn, result, now);
    conn->host->finish(conn->host->ctx, flight, result);
}

static void refused(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    struct smtp_result result = result_of(reply, e.what);
    conn->needs_reset = true;
    if (e.flight)
        finish(conn, e.flight, &result, now);
}

/* MAIL or RCPT; DATA was sent along if the relay pipelines. */
static void on_envelope_reply(
    struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    if (reply->code / 100 != 2) {
        refused(conn, e, reply, now);
        return;
    }
    if (conn->session.pipelining || !e.flight)
        return;
    if (e.what == AWAIT_RCPT) {
        send_command(conn, AWAIT_DATA, e.flight, "DATA\r\n", now);
        return;
    }
    strbuf_clear(&conn->out);
    add_rcpt(conn, &conn->out, e.flight);
    send_buffer(conn, &conn->out, now);
}

static void on_data_reply(
    struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    if (reply->code == 354 && e.flight)
        send_body(conn, now);
    else if (reply->code == 354) /* for no recipient: RFC 2920 3.1 wants an empty message */
        send_command(conn, AWAIT_SPARE_DOT, NULL, ".\r\n", now);
    else if (reply->code >= 400)
        refused(conn, e, reply, now);
    else
        conn_lost(conn, now);
}

/* An answer before we know the dot to be out is a refusal in mid-body (or TLS records
 * that overtook our bookkeeping): what it says counts, but the rest of the body would
 * be read as commands, so the session is over. */
static void on_dot_reply(
    struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    struct smtp_result result = result_of(reply, e.what);
    bool early = e.flight && !dot_is_out(conn);
    conn->needs_reset = false;
    result.after_dot = !early;
    if (e.flight)
        finish(conn, e.flight, &result, now);
    if (early)
        conn_lost(conn, now);
}

/* 421, or a reply to nothing: the relay closes. */
static void on_goodbye(struct conn *conn, const struct reply *reply, int64_t now)
{
    if (reply->code == 421)
        relay_shrink(conn->relay, now);
    const struct awaited *e = await_head(&conn->awaited);
    if (e && e->what == AWAIT_DOT)
        on_dot_reply(conn, *e, reply, now);
    if (conn->state == CONN_OPEN)
        conn_lost(conn, now);
}

static void on_reply(struct conn *conn, const struct reply *reply, int64_t now)
{
    conn->last_code = reply->code;
    if (!conn->awaited.n || reply->code == 421) {
        on_goodbye(conn, reply, now);
        return;
    }
    struct awaited e = await_pop(&conn->awaited);
    switch (e.what) {
    case AWAIT_RSET:
        if (reply->code / 100 != 2) {
            conn_lost(conn, now);
        } else if (!conn->session.pipelining && conn->envelope) {
            strbuf_clear(&conn->out);
            add_mail(conn, &conn->out, conn->envelope);
            send_buffer(conn, &conn->out, now);
        }
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
    }
    if (conn_is_idle(conn))
        conn_begin(conn, now);
}

void conn_readable(struct conn *conn, int64_t now)
{
    enum session_io io = session_read(&conn->session, &conn->in);
    size_t at = 0, used;
    struct reply reply;
    enum reply_state state = REPLY_PART;
    while (
        conn->state == CONN_OPEN && at < conn->in.len &&
        (state = reply_read(conn->in.buf + at, conn->in.len - at, &reply, &used)) == REPLY_WHOLE) {
        /* For the log: the text ends where its line does. */
        conn->in.buf[reply.text + reply.text_len - conn->in.buf] = '\0';
        on_reply(conn, &reply, now);
        at += used;
    }
    strbuf_drop(&conn->in, at);
    if (conn->state != CONN_OPEN)
        return;
    if (io == SESSION_LOST || state == REPLY_BROKEN)
        conn_lost(conn, now);
    else if (at)
        set_deadline(conn, now);
}

/* ---- the end ---- */

/* An envelope without its body delivers nothing: another connection may begin anew. But
 * where the session ended over this very recipient, the message has ended too: it could
 * take one connection after the other with it. */
static void return_envelope(struct conn *conn, int64_t now)
{
    struct flight *flight = conn->envelope;
    struct smtp_result result = {.stage = await_stage_of(&conn->awaited, flight),
        .code = conn->last_code == 421 ? conn->last_code : 0};
    if (result.stage != SMTP_MAIL) {
        finish(conn, flight, &result, now);
        return;
    }
    forget(conn, flight);
    conn->host->give_back(conn->host->ctx, flight, &result);
}

void conn_drain(struct conn *conn)
{
    if (conn->draining)
        return;
    conn->draining = true;
    conn->relay->connections--;
    conn->relay->open -= conn->state != CONN_CONNECTING;
}

void conn_lost(struct conn *conn, int64_t now)
{
    conn->state = CONN_ENDED;
    bool awaiting = conn->awaited.n > 0;
    if (conn->body) {
        /* With TLS the last octets may have left although the write is not reported. */
        struct smtp_result result = {
            .stage = SMTP_DOT, .after_dot = conn->session.tls || dot_is_out(conn)};
        conn->sending = NULL;
        finish(conn, conn->body, &result, now);
    }
    if (conn->envelope)
        return_envelope(conn, now);
    conn->failed = awaiting && !conn->answered;
    conn->awaited.n = 0;
    conn->sending = NULL;
}

void conn_opened(struct conn *conn, int64_t now)
{
    conn->state = CONN_OPEN;
    conn->awaited = (struct await_queue){.n = 0};
    conn->envelope = conn->body = NULL;
    conn->sending = NULL;
    conn->needs_reset = conn->failed = conn->answered = false;
    conn->last_code = 0;
    strbuf_clear(&conn->in);
    conn->deadline = now + IDLE_S * CLOCK_SECOND;
}
