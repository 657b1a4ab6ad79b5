#ifndef NOTIFIER_OUTCOME_H
#define NOTIFIER_OUTCOME_H
/*
 * What one attempt to reach one recipient came to, whatever the channel. The
 * sender threads make outcomes, the database thread settles them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "messages/channel.h"

enum outcome_state {
    OUTCOME_ACCEPTED, /* the relay or endpoint took it */
    OUTCOME_FAILED,   /* this message only */
    OUTCOME_SUPPRESS, /* failed, and the address gets no more: it refuses or does not exist */
    OUTCOME_DISABLE,  /* failed, and the endpoint is gone; somebody may subscribe it anew */
    OUTCOME_UNKNOWN,  /* it may have arrived; never repeated (SMS) */
    OUTCOME_RETRY,    /* another attempt, by the channel's schedule (retry.h) */
    OUTCOME_LATER,    /* not attempted: its host rests; again after retry_after */
    OUTCOME_RETURNED, /* not attempted: the process stops; somebody else takes it */
};

struct outcome {
    enum outcome_state state;
    bool possible_duplicate; /* RETRY: the other side may have taken it all the same */
    int code;                /* SMTP reply, HTTP status; 0: none */
    const char *reason;      /* static, one lower-case word; NULL when accepted */
    int64_t retry_after;     /* us that the other side asked for, or 0 */
    int64_t pause;           /* us for which the whole channel should rest, or 0 */
    int64_t rest;            /* us for which this endpoint should rest, or 0 */
    char reference[64];      /* the provider's id, or "" */
};

/* What came back of an HTTP request. */
struct http_reply {
    int status;          /* 0: no reply */
    bool sent;           /* the request may have reached the other side */
    bool refused;        /* the guard of core/net/net.h refused the address */
    int64_t retry_after; /* us, of the Retry-After header; 0: none */
    int64_t rest;        /* us, of X-RateLimit-Reset-After when none is remaining; 0: none */
    const char *body;    /* at most 16 KiB of it */
    size_t len;
};

#endif
