#pragma once
/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header, 2): the effect of a replayable POST
 * and its reply are written in one transaction, so the key repeats the reply of a completed
 * request, and a request without effect (a 5xx, a process that died) leaves the key unused. A
 * different payload: 422. The first request still running: 409, by an advisory lock that ends with
 * its database session.
 */
#include "api/call/call.h"

/* Whether the request has a key that its route honours. */
bool idempotency_applies(const struct call *c);

/* Run the handler and store its reply, also a 4xx, or return the stored one (*ret_replayed). A
 * failure has no effect and stores nothing. */
enum rc idempotency_run(struct call *c, enum rc (*run)(struct call *c), bool *ret_replayed);

/* Replace the stored reply by that of route->then. On failure, the first one stays. */
void idempotency_keep(struct call *c);
