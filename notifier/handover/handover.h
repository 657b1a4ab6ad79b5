#ifndef NOTIFIER_HANDOVER_HANDOVER_H
#define NOTIFIER_HANDOVER_HANDOVER_H
/*
 * What passes between the database thread and the two sender threads.
 *
 * Batches go out whole through a feed, outcomes come back one by one, each wakes
 * its reader by an eventfd. A batch belongs to its sender thread until every
 * recipient has an outcome, then to the database thread, which frees it.
 *
 * The budget bounds what a crash can repeat: a sender takes one unit before it
 * sends, the database thread gives it back when the outcome is committed.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"
#include "notifier/handover/outcome.h"

enum { BUDGET = 256 };

struct broadcast;
struct config;
struct content;
struct batch;
struct provider;
struct sign;

struct recipient {
    struct batch *batch;
    int64_t id;                    /* subscriber, or account_contact of a credit notice */
    const char *address;           /* e-mail address, number or URL, opened */
    const char *secret;            /* webhook signing secrets, a Slack bot's token, or NULL */
    const char *root;              /* of its thread, "CHANNEL:ts" (slack_bot.h), or NULL */
    const struct content *content; /* what to send */
    const char *const *fields;     /* merge fields (PLACEHOLDER_FIELD + n), or NULL */
    int64_t link_id;               /* what its signed link names */
    int attempts;                  /* made before this one */
    int64_t first_at;              /* us, of the first attempt; 0: this is it */
    bool possible_duplicate;
    bool settled;                /* database thread's: its outcome is committed */
    struct recipient *following; /* sender's: of those who wait for their host (host_queue.h) */
};

/* Is it slack://CHANNEL, which a bot posts to, and not the URL of an incoming webhook? */
bool address_is_slack_bot(const char *address);

struct batch {
    struct scope *scope; /* owns everything in here */
    int64_t id, lease;
    struct broadcast *broadcast;
    enum channel channel;
    bool again;       /* due retries: they go after fresh messages */
    bool orphan;      /* taken over: its recipients have waited longest */
    atomic_bool lost; /* the lease went to another process: send no more of it */
    struct recipient *at;
    size_t n;
    size_t next;             /* sender's: the first recipient not taken yet */
    size_t settled;          /* database thread's */
    int64_t made_at;         /* us, monotonic */
    bool detached;           /* database thread's: detach_slow.h */
    bool returned;           /* database thread's: some were not attempted, so its row stays */
    struct batch *following; /* in a feed or a sender's list */
};

struct ended {
    struct recipient *recipient;
    int64_t at; /* us */
    struct outcome outcome;
};

enum feed_of { FEED_MAIL, FEED_HTTP, FEED_COUNT };

struct feed {
    pthread_mutex_t lock;
    struct batch *arrived;
    int wake; /* eventfd */
};

struct handover {
    struct feed feed[FEED_COUNT];
    pthread_mutex_t lock; /* of ended */
    struct ended *ended;
    size_t n, alloc;
    int64_t ripe_at;                   /* us, monotonic: when what ended is worth a commit */
    int wake;                          /* eventfd: outcomes are ripe, or soon are */
    atomic_int used;                   /* of the budget */
    atomic_bool starved;               /* a sender was refused a unit */
    atomic_int waiting[CHANNEL_COUNT]; /* recipients handed over and not taken yet */
    atomic_bool stop;                  /* take no more */
};

/* What a sender thread is given. */
struct sender {
    const struct config *config;
    const struct sign *keys;
    struct handover *handover;
    const struct provider *sms; /* NULL: none is configured */
};

enum rc handover_init(struct scope *s, struct handover *h); /* ends with the scope */

enum feed_of handover_feed(enum channel channel);

/* Database thread. */
void handover_batch(struct handover *h, struct batch *batch);
/* When outcomes are worth a commit, us, monotonic: at once when they are many or a sender
 * waits for its budget, else ten ms after the first. 0: there are none. */
int64_t handover_ripe_at(struct handover *h);
/* Append what ended to a growing array of the caller's and empty the queue. */
void handover_collect(struct handover *h, struct ended **at, size_t *n, size_t *alloc);
void handover_settled(struct handover *h, size_t n); /* give n units back */
void handover_stop(struct handover *h);

/* Sender threads. Batches that arrived, in their order: smaller priorities and ids first,
 * fresh before retries; merged into *list. */
void handover_take(struct handover *h, enum feed_of feed, struct batch **list);
/* The next recipient of the list's batches (of one channel, or CHANNEL_COUNT: any) for
 * which there is budget; NULL: none now. */
struct recipient *handover_next(struct handover *h, struct batch **list, enum channel channel);
void handover_ended(struct handover *h, struct recipient *recipient, const struct outcome *outcome);
/* A recipient that was taken has to wait before it is sent to: it needs no unit until then. */
void handover_unit_back(struct handover *h);
bool handover_unit(struct handover *h); /* take one again; false: there is none now */
/* Whoever waits without a unit was not sent to: returned, or put off. */
void handover_unsent(
    struct handover *h, struct recipient *recipient, const struct outcome *outcome);
/* On stop: report everything in the list that was not taken as returned. */
void handover_return(struct handover *h, struct batch **list);

/* Drain an eventfd. */
void handover_drain(int fd);

#endif
