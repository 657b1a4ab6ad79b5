#include "notifier/smtp/smtp_chunk.h"

#include <string.h>

/*
 * BDAT (RFC 3030) with PIPELINING: a message is one group, `MAIL RCPT BDAT n LAST octets`,
 * and a window of messages is in flight on one connection. The octets are those that DATA
 * would carry, because no line of ours begins with a dot (mime.h).
 *
 * A refused MAIL or RCPT ends the message; the relay discards its octets and refuses their
 * BDAT, whose reply is read and ignored. RFC 3030 does not say whether that ends the transaction
 * (Postfix: yes, Exim: no), so a group that is sent before the recipients in front of it are
 * known to be accepted begins with RSET: otherwise its MAIL could be refused as nested and the
 * octets delivered under another message's return path.
 *
 * Groups are copied into conn->out, which does not change until all of it is sent.
 */

enum { OCTETS_MAX = 512 * 1024 };

static void add_group(struct conn *conn, struct flight *flight)
{
    struct strbuf *b = &conn->out;
    if (conn->needs_reset || await_any(&conn->awaited, AWAIT_RCPT)) {
        strbuf_addstr(b, "RSET\r\n");
        await_push(&conn->awaited, AWAIT_RSET, NULL);
        conn->needs_reset = false;
    }
    conn_add_mail(conn, b, flight);
    conn_add_rcpt(conn, b, flight);
    strbuf_addf(b, "BDAT %zu LAST\r\n", flight->message.wire.len);
    await_push(&conn->awaited, AWAIT_BDAT, flight);
    strbuf_add(b, flight->message.wire.buf, flight->message.wire.len);
    flight->dot_end = b->len;
    conn->window[conn->n_window++] = flight;
    conn->window_octets += flight->message.wire.len;
}

static bool has_room(const struct conn *conn)
{
    return conn->n_window < conn->relay->depth && conn->window_octets < OCTETS_MAX &&
           conn->awaited.n + 4 <= AWAIT_MAX;
}

void chunk_fill(struct conn *conn, int most, int64_t now)
{
    if (conn->sending)
        return;
    bool fresh = true;
    while (most-- > 0 && has_room(conn)) {
        struct flight *flight = conn->host->take(conn->host->ctx, conn);
        if (!flight)
            break;
        if (fresh) {
            strbuf_clear(&conn->out);
            for (int i = 0; i < conn->n_window; i++)
                conn->window[i]->dot_end = 0; /* of an earlier buffer, which is sent */
        }
        fresh = false;
        add_group(conn, flight);
    }
    if (!fresh)
        conn_send(conn, &conn->out, now);
}

/* May all of it have been sent? With TLS one record more than reported may have been. */
static bool may_be_out(const struct conn *conn, const struct flight *flight)
{
    size_t ahead = conn->session.tls ? SMTP_TLS_RECORD : 0;
    return !conn->sending || conn->sent + ahead >= flight->dot_end;
}

/* The relay, or a middlebox in front of it, does not know BDAT after all, and may read the octets
 * as commands. Nothing is delivered; use DATA from now on. */
static void give_up_chunking(struct conn *conn, struct awaited e)
{
    const struct smtp_result result = {.stage = SMTP_MAIL};
    conn->relay->no_chunking = true;
    conn_give_back(conn, e.flight, &result);
    conn_lost(conn);
}

static void on_chunk_reply(
    struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    if (!e.flight)
        return;
    if (reply->code >= 500 && reply->code <= 504) {
        give_up_chunking(conn, e);
        return;
    }
    struct smtp_result result = conn_result(conn, reply, e.what);
    result.after_dot = may_be_out(conn, e.flight);
    conn->needs_reset |= reply->code / 100 != 2;
    conn_finish(conn, e.flight, &result, now);
    /* The relay answered before it read everything: it would read the rest as commands. */
    if (!result.after_dot)
        conn_lost(conn);
}

void chunk_reply(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now)
{
    if (e.what == AWAIT_BDAT)
        on_chunk_reply(conn, e, reply, now);
    else if (e.what == AWAIT_RSET && reply->code / 100 != 2)
        conn_lost(conn);
    else if (reply->code / 100 != 2)
        conn_refused(conn, e, reply, now);
}

/* Does a message end with the session? False: it is given back. After a 421 nothing is
 * processed. If the session ended at this recipient, the message has ended, too: otherwise it
 * could end one connection after the other. */
static bool ends_with_session(
    const struct conn *conn, const struct flight *flight, bool first, struct smtp_result *ret)
{
    enum smtp_stage stage = await_stage_of(&conn->awaited, flight);
    *ret = (struct smtp_result){.stage = stage};
    if (conn->last_code == 421) {
        ret->code = 421;
        return first && stage > SMTP_MAIL;
    }
    ret->after_dot = may_be_out(conn, flight);
    if (ret->after_dot)
        ret->stage = SMTP_DOT;
    return ret->after_dot || (first && stage > SMTP_MAIL);
}

void chunk_lost(struct conn *conn, int64_t now)
{
    struct flight *window[AWAIT_WINDOW], *back[AWAIT_WINDOW];
    struct smtp_result result;
    int n = conn->n_window, n_back = 0;
    memcpy(window, conn->window, sizeof window);
    for (int i = 0; i < n; i++) {
        if (ends_with_session(conn, window[i], i == 0, &result))
            conn_finish(conn, window[i], &result, now);
        else
            back[n_back++] = window[i];
    }
    result = (struct smtp_result){
        .stage = SMTP_MAIL, .code = conn->last_code == 421 ? conn->last_code : 0};
    while (n_back) /* so that the oldest is the first in the queue */
        conn_give_back(conn, back[--n_back], &result);
}
