#pragma once
#include "notifier/handover/outcome.h"

/* The reply to an HTTP request. */
struct http_reply {
    int status;          /* 0: no reply */
    bool sent;           /* the request may have reached the other side */
    bool refused;        /* the guard of core/net/net.h refused the address */
    int64_t retry_after; /* us, of the Retry-After header; 0: none */
    int64_t rest;        /* us, of X-RateLimit-Reset-After when none is remaining; 0: none */
    const char *body;    /* at most 16 KiB of it */
    size_t len;
};

/* The outcome of a request that may be repeated and got no reply (status 0). Pure. */
struct outcome http_unanswered(const struct http_reply *reply);

/* What a range of statuses means. */
struct http_meaning {
    int from, to;
    enum outcome_state state;
    const char *reason;
};

/* The outcome by the first row that contains the status; the last contains all. Without a reply,
 * http_unanswered. Pure. */
struct outcome http_by_status(const struct http_meaning *rows, const struct http_reply *reply);
