#pragma once
/*
 * The messages that the engine has pulled from its source and not reported yet: those that wait
 * for a connection are in a queue, the others belong to a connection.
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
    int most;             /* in flight at most; 0: no limit */
    struct flight *spare; /* for reuse with their buffers */
    bool dry;             /* the source had none; assign() asks again */
    bool stopped;         /* pull no more */
};

void queue_init(struct queue *queue, struct smtp_source source, int most);
void queue_release(struct queue *queue); /* nothing is in flight any more */

/* Pull one message into the waiting queue; false: there is none. */
bool queue_pull(struct queue *queue, int64_t now);

/* The oldest waiting message, or the next of the source; NULL: there is none. One that cannot be
 * sent, or not without SMTPUTF8, is reported and skipped. */
struct flight *queue_take(struct queue *queue, bool utf8);

/* Back to the front, unless it came back too often or the engine stops: then it ends with
 * result. */
void queue_give_back(
    struct queue *queue, struct flight *flight, const struct smtp_result *result, int64_t now);

/* Report it. */
void queue_finish(struct queue *queue, struct flight *flight, const struct smtp_result *result);

/* End every message that has waited since `then` or longer: no relay is available. */
void queue_expire(struct queue *queue, int64_t then);
