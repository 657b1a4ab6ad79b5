#ifndef API_IDEMPOTENCY_H
#define API_IDEMPOTENCY_H
/*
 * Idempotency-Key (SPEC 6.4): the first answer of a replayable POST is stored for its
 * API key and given again. Other payload: 422. First one still running: 409. An answer
 * of 5xx is forgotten, so that the caller may try again; one whose process died in the
 * middle stays "running", because nobody knows whether it was done.
 */
#include "api/call.h"

enum rc idempotency_begin(struct call *c, bool *ret_replayed);
void idempotency_end(struct call *c);

#endif
