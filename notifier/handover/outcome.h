#pragma once
/* The outcome of one attempt to send to one recipient, on any channel. The sender threads make
 * outcomes, the database thread settles them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "messages/channel.h"

enum outcome_state {
    OUTCOME_ACCEPTED, /* the relay or endpoint took it */
    OUTCOME_FAILED,   /* this message only */
    OUTCOME_SUPPRESS, /* failed, and the address gets no more: it refuses or does not exist */
    OUTCOME_DISABLE,  /* failed, and the endpoint is gone; it may be subscribed again */
    OUTCOME_UNKNOWN,  /* it may have arrived; never repeated (SMS) */
    OUTCOME_RETRY,    /* another attempt, by the channel's schedule (retry.h) */
    OUTCOME_LATER,    /* not attempted: its host rests; attempt it after retry_after */
    OUTCOME_RETURNED, /* not attempted: the process stops; another process takes it */
};

/* .reference of a challenge that a webhook answered with its token. */
#define OUTCOME_ECHOED "echoed"

/* .reason of a message that was accepted by the outbox (notifier/outbox). */
#define OUTCOME_OUTBOX "outbox"

enum { OUTCOME_SAID = 200 };

struct outcome {
    enum outcome_state state;
    bool possible_duplicate; /* RETRY: the other side may have accepted it nevertheless */
    int code;                /* SMTP reply, HTTP status; 0: none */
    const char *reason;      /* static, one lower-case word; NULL when accepted by another server */
    int64_t retry_after;     /* us that the other side asked for, or 0 */
    int64_t pause;           /* us for which the whole channel should rest, or 0 */
    int64_t rest;            /* us for which this endpoint should rest, or 0 */
    char reference[64];      /* the provider's id, or "" */
    char said[OUTCOME_SAID]; /* the relay's refusal in its words, one line of UTF-8, or "" */
};
