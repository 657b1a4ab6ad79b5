#ifndef NOTIFIER_SMTP_SMTP_RELAY_H
#define NOTIFIER_SMTP_SMTP_RELAY_H
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
    char *password; /* wiped by relay_release */
    char *name;     /* host:port, for the log and for what processes share */
    bool loopback;
    int weight; /* its share of the messages; 0: only while no other can be had */
    int window; /* connections at most, 1 to ceiling */
    int ceiling;
    int credit; /* accepted messages towards the next step of the window */
    int depth;  /* messages in flight a connection at most, where it takes BDAT */
    bool fixed_depth;
    int depth_credit;      /* the same towards the next step of the depth */
    bool no_chunking;      /* it offered CHUNKING and did not understand BDAT */
    int64_t turn;          /* grows by 1/weight a message: who is behind goes first */
    struct strbuf trouble; /* what it complained of last; empty: nothing */
    bool congested;        /* trouble was seen: grow slowly from now on */
    bool up;               /* the last attempt gave a session; true before the first */
    int failures;          /* in a row, without an accepted message between */
    int64_t not_before;    /* no new connection earlier */
    int64_t paused_until;  /* no new message on any connection earlier */
    int64_t shrunk_at;
    int connections; /* connecting or open, and not draining */
    int connecting;  /* of these, not open yet */
    int open;        /* of these, open */
    int in_flight;   /* messages that its connections hold */
};

enum { RELAY_DEPTH_START = 4, RELAY_DEPTH_CEILING = 16, RELAY_WEIGHT_MAX = 100 };

/* Relays separated by spaces; at least one. `#WEIGHT` behind a URL, 0 to 100, is 1 when it
 * is not given; the ceiling of connections is lower for a relay of less than the greatest
 * weight. The URL is judged by curl's parser only. RC_INVALID never repeats the URL: it holds a
 * password. */
enum rc relay_parse(struct scope *s, const char *urls, const char *helo, int start, int ceiling,
    struct relay **ret, size_t *ret_n);
void relay_release(struct relay *relay); /* wipes the password */

/* Remember what is wrong with it, for people; NULL: nothing any more. code: of the reply, or 0. */
void relay_trouble(struct relay *relay, const char *text, int code);

/* Can it take messages, or at least a connection that is likely to be had? */
bool relay_serves(const struct relay *relay, int64_t now);
/* A relay that was down may be tried with one connection. */
bool relay_wants_probe(const struct relay *relay, int64_t now);

/* It took a message from the engine: the others, n in all, come to their turns. What one
 * could not take for long is not made up for. */
void relay_took(struct relay *relay, struct relay *relays, size_t n);

/* A session stands. */
void relay_up(struct relay *relay);
/* No session could be had, or one ended before it took a single message: no new
 * connection for 1 s, doubling to 60 s. */
void relay_down(struct relay *relay, int64_t now);
/* It takes no further connection, beside those that it has taken: no more than these. */
void relay_full(struct relay *relay, int64_t now);
/* It refuses us as senders: no connection and no message for as long; for 60 s where
 * only a change of configuration can help (hard). */
void relay_pause(struct relay *relay, bool hard, int64_t now);
/* A message was accepted: the window grows by two, until the first trouble; from then
 * on by one per four windows' worth of messages, while it is used. The depth grows by one per
 * open connection's worth, so it doubles with each round trip; after trouble by one per four times
 * all that can be in flight. */
void relay_accepted(struct relay *relay);
/* 421, 4yz or a timeout: half the window and the depth, at most once a second. */
void relay_shrink(struct relay *relay, int64_t now);

#endif
