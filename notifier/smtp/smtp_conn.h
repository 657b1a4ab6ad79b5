#ifndef NOTIFIER_SMTP_SMTP_CONN_H
#define NOTIFIER_SMTP_SMTP_CONN_H
/*
 * One connection's mail transactions: which replies are awaited, for which
 * message, and what to send on each. How they go, by what the relay offers:
 * smtp_chunk.c (CHUNKING and PIPELINING), smtp_data.c (one of them or neither).
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/strbuf.h"
#include "notifier/smtp/smtp.h"
#include "notifier/smtp/smtp_await.h"
#include "notifier/smtp/smtp_session.h"

/* A message between next and done. Its address is stable all that time. */
struct flight {
    struct smtp_message message;
    size_t dot_end;     /* where its last octet stands in what is being sent; 0: not begun */
    int returned;       /* times it came back unsent from a lost connection */
    int64_t held_since; /* since when it has waited for a connection, at first */
    struct flight *next;
};

/* The engine, as a connection sees it. */
struct conn;
struct conn_host {
    struct flight *(*take)(void *ctx, struct conn *conn); /* the next message, or NULL */
    void (*finish)(void *ctx, struct flight *flight, const struct smtp_result *result);
    /* Nothing of its body was sent: try another connection; result is why not here. */
    void (*give_back)(void *ctx, struct flight *flight, const struct smtp_result *result);
    void *ctx;
};

enum conn_state {
    CONN_FREE,       /* the slot is unused */
    CONN_CONNECTING, /* libcurl's */
    CONN_OPEN,
    CONN_ENDED, /* lost or closed by a reply: the engine closes it */
};

enum { CONN_IN_MAX = 256 * 1024, CONN_OUT_MAX = 10 * 1024 * 1024 };

struct conn {
    enum conn_state state;
    const struct conn_host *host;
    struct relay *relay;
    struct session session;
    struct await_queue awaited;
    bool chunks;                         /* BDAT, else DATA */
    struct flight *envelope;             /* DATA: out, body not yet */
    struct flight *body;                 /* DATA: its body is out or on the way */
    struct flight *window[AWAIT_WINDOW]; /* BDAT: in the order of their groups */
    int n_window;
    size_t window_octets;
    const struct strbuf *sending; /* &out, or the wire of a flight; NULL: all is sent */
    size_t sent;
    struct strbuf out, in;
    bool spoke;       /* something left since the last reply was read */
    bool watched_out; /* the engine waits until it can be written */
    bool needs_reset; /* a transaction was begun and refused */
    bool draining;    /* takes no further message */
    int timeout_ms;   /* 0: by stage */
    int64_t deadline; /* for the awaited reply; when idle, for closing */
    bool answered;    /* it has decided about at least one message */
    int last_code;    /* of the last reply, or 0 */
    bool failed;      /* ended in mid-transaction before it decided about any message */
};

void conn_init(struct conn *conn);
void conn_release(struct conn *conn);

/* The session stands: nothing is in flight yet. */
void conn_opened(struct conn *conn, int64_t now);

static inline bool conn_is_idle(const struct conn *conn)
{
    return conn->state == CONN_OPEN && !conn->awaited.n;
}

/* Take up to most messages, if there are any, as far as there is room. */
void conn_feed(struct conn *conn, int most, int64_t now);

/* The socket can be read, or written. */
void conn_readable(struct conn *conn, int64_t now);
void conn_writable(struct conn *conn, int64_t now);

/* Take no further message; the connection no longer counts against the window. */
void conn_drain(struct conn *conn);

/* The session is lost: what was in flight is finished or given back. */
void conn_lost(struct conn *conn, int64_t now);

#endif
