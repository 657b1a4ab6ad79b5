#ifndef NOTIFIER_SMTP_RELAY_H
#define NOTIFIER_SMTP_RELAY_H
/*
 * A relay as the engine sees it: where it is, how to log in, how many connections
 * it bears at present and when to try it again. Pure: time is a parameter, in
 * microseconds of clock_monotonic.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/strbuf.h"

struct relay {
    char *url; /* smtp[s]://host:port/helo, without credentials */
    char *host;
    char *user;     /* NULL: no AUTH */
    char *password; /* wiped by relay_free_secrets */
    bool loopback;
    int window; /* connections at most, 1 to ceiling */
    int ceiling;
    int credit;           /* accepted messages towards the next step of the window */
    bool congested;       /* trouble was seen: grow slowly from now on */
    bool up;              /* the last attempt gave a session; true before the first */
    int failures;         /* in a row, without an accepted message between */
    int64_t not_before;   /* no new connection earlier */
    int64_t paused_until; /* no new message on any connection earlier */
    int64_t shrunk_at;
    int connections; /* connecting or open, and not draining */
    int open;        /* of these, open */
};

/* Relays separated by spaces, in the order of preference; at least one. The URL is
 * judged by curl's parser only. RC_INVALID never repeats the URL: it holds a password. */
enum rc relay_parse(struct scope *s, const char *urls, const char *helo, int start, int ceiling,
    struct relay **ret, size_t *ret_n);
void relay_free_secrets(struct relay *relay);

/* A session stands. */
void relay_up(struct relay *relay);
/* No session could be had, or one ended before it took a single message: no new
 * connection for 1 s, doubling to 60 s. */
void relay_down(struct relay *relay, int64_t now);
/* It refuses us as senders: no connection and no message for as long; for 60 s where
 * only a change of configuration can help (hard). */
void relay_pause(struct relay *relay, bool hard, int64_t now);
/* A message was accepted: the window grows by one, until the first trouble; from then
 * on by one per four windows' worth of messages. */
void relay_accepted(struct relay *relay);
/* 421, 4yz or a timeout: half the window, at most once a second. */
void relay_shrink(struct relay *relay, int64_t now);

#endif
