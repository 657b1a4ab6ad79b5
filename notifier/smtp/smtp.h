#ifndef NOTIFIER_SMTP_SMTP_H
#define NOTIFIER_SMTP_SMTP_H
/*
 * The SMTP engine: many connections to one or several relays in one thread.
 * libcurl opens a session (CURLOPT_CONNECT_ONLY: DNS, TCP, TLS, STARTTLS,
 * AUTH); the transaction is ours over curl_easy_send/recv, non-blocking:
 * CHUNKING groups `MAIL RCPT BDAT n LAST` with a window of messages in flight a
 * connection (RFC 3030), or PIPELINING groups `body-of-n . MAIL RCPT DATA-of-n+1`
 * (RFC 2920), or lock-step, by what the relay offers. It knows nothing of
 * broadcasts: it pulls messages from a source and reports what became of each,
 * exactly once.
 *
 * Several relays share the messages by their weights; one that is down or refuses
 * us is left out until it answers again, and one that falls silent with messages in flight
 * leaves room for the others'.
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

/* What ended a message. code 0: no reply, an I/O error (then after_dot says
 * whether the final dot was already sent: the outcome is unknown). */
struct smtp_result {
    enum smtp_stage stage;
    int code;        /* reply code, 250 at SMTP_DOT: accepted */
    int enhanced[3]; /* RFC 3463, zeros when absent */
    bool after_dot;
    const char *text; /* first line of the reply, for the log of verdicts; may be NULL */
};

struct smtp_message {
    void *owner;           /* the source's */
    const char *mail_from; /* envelope; valid until done */
    const char *rcpt;
    struct strbuf wire; /* as mime_fill makes it (no line begins with a dot, the last one ends);
                         * capacity is reused by the engine */
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
    int max_connections;   /* ceiling of the adaptive window, a relay; 0: 20 */
    int start_connections; /* where the window begins; 0: 4 */
    int reply_timeout_ms;  /* of every reply; 0: 600 s for the final one, 60 s for others */
    const char *ca_file;   /* trusted certificates; NULL: the system's */
    bool loopback_tls;     /* STARTTLS is required of a relay on loopback too */
    bool no_chunking;      /* DATA even where BDAT is offered */
    int depth;             /* messages in flight a connection with BDAT, fixed; 0: adaptive */
    int most;              /* messages in flight at all relays together; 0: no limit */
    struct smtp_allowance *allowance; /* one a relay, in the order of url; NULL: no limit */
};

/* How many messages may be given to a relay. Others add to `left` and wake the engine. */
struct smtp_allowance {
    atomic_int left;
    atomic_bool wanted; /* there was less than could have been sent */
};

struct smtp;

/* RC_INVALID for a bad url. The engine is used by the calling thread only. */
enum rc smtp_new(struct scope *s, const struct smtp_config *config, struct smtp_source source,
    struct smtp **ret);

/* Do what can be done, waiting at most timeout_ms for the relays or for wake_fd to
 * become readable (the caller drains it), and say whether it is. */
bool smtp_step(struct smtp *smtp, int timeout_ms, int wake_fd);

/* Stop pulling; finish what is in flight within timeout_ms, then QUIT and close.
 * What is still open is reported as done with code 0. */
void smtp_drain(struct smtp *smtp, int timeout_ms);
void smtp_free(struct smtp *smtp);

/* For the live view. */
struct smtp_status {
    const char *relay; /* host:port; NULL: all of them */
    int connections;
    int window;          /* connections at most, at present */
    int in_flight;       /* messages given to it */
    bool rate_limited;   /* something waits for an allowance */
    const char *trouble; /* the last one since a message was accepted, or NULL */
};
struct smtp_status smtp_status(const struct smtp *smtp);
/* Of the nth relay, in the order of the URL; false: there are fewer. */
bool smtp_relay_status(const struct smtp *smtp, size_t n, struct smtp_status *ret);

#endif
