#ifndef API_CALL_IDEMPOTENCY_H
#define API_CALL_IDEMPOTENCY_H
/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header, 2): what a replayable POST does
 * and its answer are written in one transaction, so the key repeats the answer of whatever was
 * done, and what was not done (an answer of 5xx, a process that died in the middle) has left
 * the key free. Another payload:
 * 422. The first request still running: 409, by an advisory lock that ends with its
 * database session.
 */
#include "api/call/call.h"

/* Does the request have a key, and its route honour it? */
bool idempotency_applies(const struct call *c);

/* Run the handler and keep its answer, 4xx too, or give the one that is kept
 * (*ret_replayed). A failure has done nothing and kept nothing. */
enum rc idempotency_run(struct call *c, enum rc (*run)(struct call *c), bool *ret_replayed);

/* Keep what route->then made of the answer instead. When that fails the first stays. */
void idempotency_keep(struct call *c);

#endif
