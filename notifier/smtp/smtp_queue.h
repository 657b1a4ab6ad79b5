#ifndef NOTIFIER_SMTP_SMTP_QUEUE_H
#define NOTIFIER_SMTP_SMTP_QUEUE_H
/*
 * The messages that the engine has pulled from its source and not reported yet:
 * those that wait for a connection stand in a queue, the others belong to one.
 */
#include <stdbool.h>
#include <stdint.h>

#include "notifier/smtp/smtp.h"
#include "notifier/smtp/smtp_conn.h"

enum { QUEUE_WIRE_MAX = 8 * 1024 * 1024 };

struct queue {
    struct smtp_source source;
    struct flight *first, **last; /* waiting, oldest first */
    int waiting;
    int in_flight;        /* waiting, or with a connection */
    int most;             /* of these; 0: no limit */
    struct flight *spare; /* for reuse with their buffers */
    bool dry;             /* the source had none; asked again after queue_ask */
    bool stopped;         /* pull no more */
};

void queue_init(struct queue *queue, struct smtp_source source, int most);
void queue_release(struct queue *queue); /* nothing is in flight any more */

/* Pull one message into the waiting queue; false: none to be had. */
bool queue_pull(struct queue *queue, int64_t now);

/* The oldest waiting message, or a fresh one, that may be sent with or without
 * SMTPUTF8; NULL: none. One that can never be sent is reported and skipped. */
struct flight *queue_take(struct queue *queue, bool utf8);

/* Back to the front, unless it came back too often or we stop: then it ends with result. */
void queue_give_back(
    struct queue *queue, struct flight *flight, const struct smtp_result *result, int64_t now);

/* Report it. */
void queue_finish(struct queue *queue, struct flight *flight, const struct smtp_result *result);

/* End every waiting message that has waited since before then: no relay could be had. */
void queue_expire(struct queue *queue, int64_t then);

#endif
