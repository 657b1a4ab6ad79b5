#pragma once
/*
 * The database thread hands batches to the two sender threads, and they hand outcomes back.
 *
 * Batches go out whole through a feed, outcomes come back one by one; each wakes its reader by
 * an eventfd. A batch belongs to its sender thread until every recipient has an outcome, then to
 * the database thread, which frees it.
 *
 * The budget bounds the messages that a crash can repeat: a sender takes one unit before it
 * sends, and the database thread gives it back when the outcome is committed.
 *
 *     handover_take(h, FEED_MAIL, &list);
 *     for (struct recipient *r; (r = handover_next(h, &list, CHANNEL_COUNT));)
 *         handover_ended(h, r, &(struct outcome){.state = OUTCOME_ACCEPTED});
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
struct vapid;

struct recipient {
    struct batch *batch;
    int64_t id;                    /* subscriber, or account_contact of a credit notice */
    const char *address;           /* e-mail address, number or URL, opened */
    const char *secret;            /* signing secrets, a bot's token, a browser's keys, or NULL */
    const char *root;              /* reference of the first message of the incident, or NULL */
    const struct content *content; /* the message, without the recipient's values */
    const char *const *fields;     /* merge fields (PLACEHOLDER_FIELD + n), or NULL */
    int64_t link_id;               /* named by its signed link: subscriber or credit */
    int64_t claim_account;         /* of the link to claim credit; 0: there is none */
    int64_t claim_contact;         /* 0: the link is the account's own */
    int64_t claim_until;           /* us, the last instant to claim; 0: not known */
    int64_t page_contact;          /* of the link to the page of the account; 0: there is none */
    int attempts;                  /* made before this one */
    int64_t first_at;              /* us, of the first attempt; 0: this is the first */
    bool possible_duplicate;
    bool settled;                /* database thread's: its outcome is committed */
    struct recipient *following; /* sender's: the next that waits for its host (host_queue.h) */
};

/* Is it slack://CHANNEL, which a bot posts to, and not the URL of an incoming webhook? */
bool address_is_slack_bot(const char *address);

struct batch {
    struct scope *scope; /* owns everything in here */
    int64_t id, lease;
    struct broadcast *broadcast;
    enum channel channel;
    bool again;       /* due retries: they go after first attempts */
    bool orphan;      /* taken over from another process: its recipients have waited longest */
    atomic_bool lost; /* the lease went to another process: send no more of it */
    atomic_bool held; /* the relay refuses such messages: put the others off (breaker.h) */
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
    int64_t ripe_at;                   /* us, monotonic: when the outcomes are worth a commit */
    int wake;                          /* eventfd: outcomes are, or soon will be, worth a commit */
    atomic_int used;                   /* of the budget */
    atomic_bool starved;               /* a sender was refused a unit */
    atomic_int waiting[CHANNEL_COUNT]; /* recipients handed over and not taken yet */
    atomic_bool stop;                  /* senders take no more recipients */
};

/* The argument of a sender thread. */
struct sender {
    const struct config *config;
    const struct sign *keys;
    struct handover *handover;
    const struct provider *sms; /* NULL: none is configured */
    struct vapid *vapid;        /* the HTTP thread's; NULL: outbox mode, or push waits */
};

enum rc handover_init(struct scope *s, struct handover *h); /* ends with the scope */

/* Database thread. */
void handover_batch(struct handover *h, struct batch *batch);
/* When outcomes are worth a commit, us, monotonic: at once when they are many or a sender
 * waits for its budget, else ten ms after the first. 0: there are none. */
int64_t handover_ripe_at(struct handover *h);
/* Append the outcomes to a growing array of the caller's and empty the queue. */
void handover_collect(struct handover *h, struct ended **at, size_t *n, size_t *alloc);
void handover_stop(struct handover *h);

/* Sender threads. Merge the batches that arrived into *list, which is in order: smaller
 * priorities and older broadcasts first, first attempts before retries. */
void handover_take(struct handover *h, enum feed_of feed, struct batch **list);
/* Take the next recipient of the list's batches (of one channel, or CHANNEL_COUNT: any) and a
 * unit of the budget for it; NULL: there is none now. */
struct recipient *handover_next(struct handover *h, struct batch **list, enum channel channel);
void handover_ended(struct handover *h, struct recipient *recipient, const struct outcome *outcome);
bool handover_unit(struct handover *h); /* take a unit; false: there is none now */
/* Report the outcome of a recipient that has no unit because it was not sent to. */
void handover_unsent(
    struct handover *h, struct recipient *recipient, const struct outcome *outcome);
/* On stop: report every recipient left in the list as returned. */
void handover_return(struct handover *h, struct batch **list);

/* Any thread: give units back, of outcomes that are committed or of a recipient that has to wait
 * before it is sent to. */
void handover_give_units(struct handover *h, size_t n);

/* Drain an eventfd. */
void handover_drain(int fd);
