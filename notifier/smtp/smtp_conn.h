#pragma once
/*
 * The state of one connection, and the steps that the two ways of a transaction share: add a
 * command and await its reply, send, end a message. smtp_data.h sends with DATA, smtp_chunk.h
 * with BDAT; smtp_dialog.h reads the replies and drives both.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/strbuf.h"
#include "notifier/smtp/reply.h"
#include "notifier/smtp/smtp.h"
#include "notifier/smtp/smtp_await.h"
#include "notifier/smtp/smtp_relay.h"
#include "notifier/smtp/smtp_session.h"

/* A message between next and done. It keeps its address all that time. */
struct flight {
    struct smtp_message message;
    size_t dot_end;     /* the end of its octets in the buffer being sent; 0: not begun */
    int returned;       /* how often a lost connection gave it back unsent */
    int64_t held_since; /* when it first waited for a connection */
    struct flight *next;
};

/* The engine, as a connection sees it. */
struct conn;
struct conn_host {
    struct flight *(*take)(void *ctx, struct conn *conn); /* the next message, or NULL */
    void (*finish)(void *ctx, struct flight *flight, const struct smtp_result *result);
    /* Nothing of its body was sent: try another connection. result: why this one failed. */
    void (*give_back)(void *ctx, struct flight *flight, const struct smtp_result *result);
    void *ctx;
};

enum conn_state {
    CONN_FREE,       /* the slot is unused */
    CONN_CONNECTING, /* libcurl's */
    CONN_OPEN,
    CONN_LOST,  /* lost, or closed by a reply: its messages are to be ended */
    CONN_ENDED, /* they are: the engine closes it */
};

enum { CONN_IN_MAX = 256 * 1024, CONN_OUT_MAX = 10 * 1024 * 1024, CONN_SAID_MAX = 1000 };

struct conn {
    enum conn_state state;
    const struct conn_host *host;
    struct relay *relay;
    struct smtp_session session;
    struct await_queue awaited;
    bool chunks;                         /* BDAT, else DATA */
    struct flight *envelope;             /* DATA: its envelope is sent, its body is not */
    struct flight *body;                 /* DATA: its body is sent or being sent */
    struct flight *window[AWAIT_WINDOW]; /* BDAT: in the order of their groups */
    int n_window;
    size_t window_octets;
    const struct strbuf *sending; /* &out, or the wire of a flight; NULL: all is sent */
    size_t sent;
    struct strbuf out, in;
    struct strbuf said; /* the text of the last reply that ended a message */
    bool spoke;         /* octets were sent since the last reply was read */
    bool watched_out;   /* the engine waits until it is writable */
    bool needs_reset;   /* a transaction was begun and refused */
    bool draining;      /* takes no further message */
    int timeout_ms;     /* 0: by stage */
    int64_t deadline;   /* for the awaited reply; when idle, for closing */
    bool answered;      /* the relay has decided about at least one message */
    int last_code;      /* of the last reply, or 0 */
    bool failed;        /* ended in mid-transaction before the relay decided about any message */
};

void conn_init(struct conn *conn);
void conn_release(struct conn *conn);

static inline bool conn_is_idle(const struct conn *conn)
{
    return conn->state == CONN_OPEN && !conn->awaited.n;
}

/* Restart the time for the reply that is awaited first. */
void conn_set_deadline(struct conn *conn, int64_t now);

/* Append the command for flight and await its reply. */
void conn_add_mail(struct conn *conn, struct strbuf *b, struct flight *flight);
void conn_add_rcpt(struct conn *conn, struct strbuf *b, struct flight *flight);

/* Send b. A relay that replies to commands it has not read may lead here while another buffer is
 * being sent: then the session is lost. */
void conn_send(struct conn *conn, const struct strbuf *b, int64_t now);
/* Go on sending, if anything is left to send. */
void conn_send_more(struct conn *conn, int64_t now);

/* Its text is valid until the next one. */
struct smtp_result conn_result(struct conn *conn, const struct reply *reply, enum await what);

/* flight has ended: report it, and adapt to the relay's condition. */
void conn_finish(
    struct conn *conn, struct flight *flight, const struct smtp_result *result, int64_t now);
/* Nothing of flight can be delivered: another connection may begin anew. */
void conn_give_back(struct conn *conn, struct flight *flight, const struct smtp_result *result);
/* A reply that refuses a command. */
void conn_refused(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now);

/* Take no further message; the connection no longer counts against the window. */
void conn_drain(struct conn *conn);

/* The session is lost. The messages in flight are ended by dialog_*, which called the caller. */
static inline void conn_lost(struct conn *conn)
{
    conn->state = CONN_LOST;
}
