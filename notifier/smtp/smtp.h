#pragma once
/*
 * The SMTP engine: many connections to one or several relays in one thread.
 * libcurl opens a session (CURLOPT_CONNECT_ONLY: DNS, TCP, TLS, STARTTLS, AUTH); the engine does
 * the transactions over curl_easy_send and curl_easy_recv, non-blocking. By what the relay
 * offers they are CHUNKING groups `MAIL RCPT BDAT n LAST` with a window of messages in flight per
 * connection (RFC 3030), or PIPELINING groups `body-of-n . MAIL RCPT DATA-of-n+1` (RFC 2920), or
 * lock-step. The engine knows nothing of broadcasts: it pulls messages from a source and reports
 * the result of each exactly once.
 *
 * Several relays share the messages by their weights. A relay that is down or refuses us gets
 * none until it answers again, and one that falls silent with messages in flight holds only a
 * part of those that may be in flight.
 *
 *     struct smtp *smtp;
 *     TRY(smtp_new(s, &(struct smtp_config){.url = "smtp://localhost:25", .helo = "a.example"},
 *         (struct smtp_source){.next = next, .done = done, .ctx = ctx}, &smtp));
 *     while (!stop)
 *         smtp_step(smtp, 500, -1);
 *     smtp_drain(smtp, 10000);
 *     smtp_free(smtp);
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/strbuf.h"

enum smtp_stage {
    SMTP_CONNECT, /* no session: connect, TLS, EHLO, AUTH */
    SMTP_MAIL,
    SMTP_RCPT,
    SMTP_DATA,
    SMTP_DOT, /* the final reply */
};

/* How a message ended. code 0: an I/O error and no reply; then after_dot says whether the final
 * dot was already sent, so that the outcome is unknown. */
struct smtp_result {
    enum smtp_stage stage;
    int code;        /* reply code, 250 at SMTP_DOT: accepted */
    int enhanced[3]; /* RFC 3463, zeros when absent */
    bool after_dot;
    const char *text; /* of the reply, until done returns; may be NULL */
};

struct smtp_message {
    void *owner;           /* the source's */
    const char *mail_from; /* envelope; valid until done */
    const char *rcpt;
    struct strbuf wire; /* as mime_fill makes it: no line begins with a dot, the last one is
                         * complete; capacity is reused by the engine */
};

struct smtp_source {
    /* Fill m (m->wire is cleared before) with the next message; false: none at the moment. */
    bool (*next)(void *ctx, struct smtp_message *m);
    /* m has ended; called exactly once for each message that next gave. */
    void (*done)(void *ctx, struct smtp_message *m, const struct smtp_result *result);
    void *ctx;
};

struct smtp_config {
    const char *url; /* smtp[s]://[user:pass@]host:port[#WEIGHT], separated by spaces */
    const char *helo;
    bool allow_loopback_plain_auth;
    int max_connections;              /* ceiling of the adaptive window of a relay; 0: 20 */
    int start_connections;            /* where the window begins; 0: 4 */
    int reply_timeout_ms;             /* of every reply; 0: by stage (smtp_await.c) */
    const char *ca_file;              /* trusted certificates; NULL: those of the system */
    bool loopback_tls;                /* require STARTTLS of relays on loopback, too */
    bool no_chunking;                 /* DATA even where BDAT is offered */
    int depth;                        /* messages in flight per connection with BDAT; 0: adaptive */
    int most;                         /* messages in flight at all relays together; 0: no limit */
    struct smtp_allowance *allowance; /* one per relay, in the order of url; NULL: no limit */
};

/* How many messages may be given to a relay. Other threads add to `left` and wake the engine. */
struct smtp_allowance {
    atomic_int left;
    atomic_bool wanted; /* more messages could have been sent */
};

struct smtp;

/* RC_INVALID for a bad url. The engine is used by the calling thread only. */
enum rc smtp_new(struct scope *s, const struct smtp_config *config, struct smtp_source source,
    struct smtp **ret);

/* Send and receive, waiting at most timeout_ms for the relays or for wake_fd to become readable.
 * True: it is readable; the caller drains it. */
bool smtp_step(struct smtp *smtp, int timeout_ms, int wake_fd);

/* Stop pulling; finish what is in flight within timeout_ms, then QUIT and close.
 * Messages that are still open are reported as done with code 0. */
void smtp_drain(struct smtp *smtp, int timeout_ms);
void smtp_free(struct smtp *smtp);

/* For the live view. */
struct smtp_status {
    const char *relay; /* host:port */
    int connections;
    int window;          /* connections at most, at present */
    int in_flight;       /* messages given to the relay */
    bool rate_limited;   /* messages wait for an allowance */
    const char *trouble; /* the last complaint since it accepted a message, or NULL */
};
/* The nth relay, in the order of the URL; false: there are fewer. */
bool smtp_relay_status(const struct smtp *smtp, size_t n, struct smtp_status *ret);
