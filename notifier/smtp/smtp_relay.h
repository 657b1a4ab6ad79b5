#pragma once
/*
 * A relay as the engine sees it: its address and credentials, how many connections it accepts at
 * present, and when to try it again. Pure: time is a parameter, in microseconds of
 * clock_monotonic.
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
    char *name;     /* host:port, for the log and the shared rate limit */
    bool loopback;
    int weight; /* its share of the messages; 0: only while no other relay serves */
    int window; /* connections at most, 1 to ceiling */
    int ceiling;
    int credit; /* accepted messages towards the next step of the window */
    int depth;  /* messages in flight per connection at most, with BDAT */
    bool fixed_depth;
    int depth_credit;      /* the same towards the next step of the depth */
    bool no_chunking;      /* use DATA; also when it offered CHUNKING and did not know BDAT */
    int64_t turn;          /* grows by 1/weight per message: the smallest is next */
    struct strbuf trouble; /* its last complaint; empty: none */
    bool congested;        /* it had trouble: grow slowly from now on */
    bool up;               /* the last attempt opened a session; true before the first */
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

/* Relays separated by spaces; at least one. `#WEIGHT` after a URL, 0 to 100, is 1 by default; the
 * ceiling of connections is in proportion to the greatest weight. Only curl's parser reads the
 * URL. RC_INVALID never repeats the URL, because it contains a password. */
enum rc relay_parse(struct scope *s, const char *urls, const char *helo, int start, int ceiling,
    struct relay **ret, size_t *ret_n);
void relay_release(struct relay *relay); /* wipes the password */

/* Keep its complaint for people; NULL: none any more. code: of the reply, or 0. */
void relay_trouble(struct relay *relay, const char *text, int code);

/* Can it take messages, or probably a connection? */
bool relay_serves(const struct relay *relay, int64_t now);
/* A relay that was down may be tried with one connection. */
bool relay_wants_probe(const struct relay *relay, int64_t now);

/* It took a message: the turns of the n relays advance. A relay that could take none for long
 * does not catch up. */
void relay_took(struct relay *relay, struct relay *relays, size_t n);

/* A session is open. */
void relay_up(struct relay *relay);
/* No session could be opened, or one ended before it took a single message: no new connection for
 * 1 s, doubling to 60 s. */
void relay_down(struct relay *relay, int64_t now);
/* It accepts no connection beyond the open ones: open no more. */
void relay_full(struct relay *relay, int64_t now);
/* It refuses us as senders: no connection and no message for as long, or for 60 s if only a change
 * of configuration can help (hard). */
void relay_pause(struct relay *relay, bool hard, int64_t now);
/* A message was accepted. The window grows by two; after the first trouble by one per four
 * windows' worth of messages, while it is used. The depth grows by one per as many messages as
 * there are open connections, so it doubles with each round trip; after trouble by one per four
 * times the messages that can be in flight. */
void relay_accepted(struct relay *relay);
/* 421, 4yz or a timeout: half the window and the depth, at most once a second. */
void relay_shrink(struct relay *relay, int64_t now);
