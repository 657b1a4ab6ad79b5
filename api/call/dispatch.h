#pragma once
/*
 * Processes a request in two steps: first its head (target, route, key, maximum size), before a
 * byte of the body is stored; then body, handler, reply. Runs on any thread, with its own database
 * connection.
 */
#include "api/call/call.h"

/* Fills c->route, param and key from the head. A failure is in the scope and in c->refusal.
 * content_length: -1 if unknown. */
enum rc dispatch_head(struct call *c, int64_t content_length);

/* The maximum size of the body in octets. */
size_t dispatch_ceiling(const struct call *c);

/* Decode, run, reply: c->reply is complete afterwards in any case. head: the result of
 * dispatch_head. */
void dispatch_answer(struct call *c, enum rc head);

/* Call a /v1 route with the permissions of c->key, in c's scope and on its connection, so that a
 * page acts exactly like the API. body: JSON or NULL; once: Idempotency-Key or NULL. ret->reply is
 * complete afterwards, and its body must be released; RC_INVALID if it is a problem document. */
enum rc dispatch_within(struct call *c, enum verb verb, const char *target, const char *body,
    const char *once, struct call *ret);

/* The same for a POST route with .upload; it takes ownership of upload and closes it. */
enum rc dispatch_upload(struct call *c, const char *target, FILE *upload, struct call *ret);
