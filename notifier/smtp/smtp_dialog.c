#include "notifier/smtp/smtp_dialog.h"

#include "notifier/smtp/smtp_chunk.h"
#include "notifier/smtp/smtp_data.h"

/* A step may find the session lost in the middle of a reply: what is in flight is ended when it
 * has returned. */
static void end_if_lost(struct conn *conn, int64_t now)
{
    if (conn->state != CONN_LOST)
        return;
    conn->state = CONN_ENDED;
    bool awaiting = conn->awaited.n > 0;
    if (conn->chunks)
        chunk_lost(conn, now);
    else
        data_lost(conn, now);
    conn->failed = awaiting && !conn->answered;
    conn->awaited.n = 0;
    conn->sending = NULL;
}

void dialog_lost(struct conn *conn, int64_t now)
{
    conn_lost(conn);
    end_if_lost(conn, now);
}

static void feed(struct conn *conn, int most, int64_t now)
{
    if (conn->state != CONN_OPEN || conn->draining)
        return;
    if (conn->chunks)
        chunk_fill(conn, most, now);
    else if (!conn->awaited.n)
        data_begin(conn, now);
}

void dialog_feed(struct conn *conn, int most, int64_t now)
{
    feed(conn, most, now);
    end_if_lost(conn, now);
}

void dialog_writable(struct conn *conn, int64_t now)
{
    conn_send_more(conn, now);
    end_if_lost(conn, now);
}

/* 421, or a reply to no command: the relay closes. */
static void on_goodbye(struct conn *conn, const struct reply *reply, int64_t now)
{
    if (reply->code == 421)
        relay_shrink(conn->relay, now);
    const struct awaited *e = await_head(&conn->awaited);
    if (e && e->flight && await_stage(e->what) == SMTP_DOT) {
        struct smtp_result result = conn_result(conn, reply, e->what);
        conn_finish(conn, e->flight, &result, now);
    }
    conn_lost(conn);
}

static void on_reply(struct conn *conn, const struct reply *reply, int64_t now)
{
    conn->last_code = reply->code;
    if (!conn->awaited.n || reply->code == 421) {
        on_goodbye(conn, reply, now);
        return;
    }
    struct awaited e = await_pop(&conn->awaited);
    if (conn->chunks)
        chunk_reply(conn, e, reply, now);
    else
        data_reply(conn, e, reply, now);
}

/* Act on the replies that have arrived; returns how many octets they are. */
static size_t read_replies(struct conn *conn, int64_t now, enum reply_state *state)
{
    size_t at = 0, used;
    struct reply reply;
    while (
        conn->state == CONN_OPEN && at < conn->in.len &&
        (*state = reply_read(conn->in.buf + at, conn->in.len - at, &reply, &used)) == REPLY_WHOLE) {
        /* Terminate the text at the end of its line, for the log. */
        conn->in.buf[reply.text + reply.text_len - conn->in.buf] = '\0';
        on_reply(conn, &reply, now);
        at += used;
    }
    return at;
}

void dialog_readable(struct conn *conn, int64_t now)
{
    conn->spoke = false;
    enum smtp_session_io io = smtp_session_read(&conn->session, &conn->in);
    enum reply_state state = REPLY_PART;
    size_t used = read_replies(conn, now, &state);
    strbuf_drop(&conn->in, used);
    if (conn->state == CONN_OPEN && (io == SMTP_IO_LOST || state == REPLY_BROKEN))
        conn_lost(conn);
    if (conn->state == CONN_OPEN && used)
        conn_set_deadline(conn, now);
    feed(conn, AWAIT_WINDOW, now);
    /* What we send carries the acknowledgement; without it, acknowledge separately. */
    if (io == SMTP_IO_DONE && !conn->spoke && conn->state == CONN_OPEN)
        smtp_session_acknowledge(&conn->session);
    end_if_lost(conn, now);
}

void dialog_opened(struct conn *conn, int64_t now)
{
    conn->state = CONN_OPEN;
    conn->awaited = (struct await_queue){.n = 0};
    conn->envelope = conn->body = NULL;
    conn->chunks = conn->session.pipelining && conn->session.chunking && !conn->relay->no_chunking;
    conn->n_window = 0;
    conn->window_octets = 0;
    conn->sending = NULL;
    conn->needs_reset = conn->failed = conn->answered = conn->watched_out = false;
    conn->last_code = 0;
    strbuf_clear(&conn->in);
    conn_set_deadline(conn, now);
}
