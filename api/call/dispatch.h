#ifndef API_CALL_DISPATCH_H
#define API_CALL_DISPATCH_H
/*
 * The way of a request, in two steps: what its head decides (target, route, key,
 * ceiling), before a byte of the body is kept; then body, handler, reply. Any
 * thread, with its own database connection.
 */
#include "api/call/call.h"

/* Fills c->route, param and key from the head. Whatever is wrong is in the scope, and in
 * c->refusal. content_length: -1 when unknown. */
enum rc dispatch_head(struct call *c, int64_t content_length);

/* The most that the body may have, octets. */
size_t dispatch_ceiling(const struct call *c);

/* Decode, run, answer: c->reply is complete afterwards whatever happened. head: what
 * dispatch_head returned. */
void dispatch_answer(struct call *c, enum rc head);

/* Call a /v1 route as whoever c->key is, in c's scope and on its connection: what a page
 * does is done as the API does it. body: JSON or NULL; once: Idempotency-Key or NULL.
 * ret->reply is complete afterwards, its body to be released; RC_INVALID when it tells of a
 * problem. */
enum rc dispatch_within(struct call *c, enum verb verb, const char *target, const char *body,
    const char *once, struct call *ret);

/* The same for a POST route with .upload, which takes upload over: it is closed. */
enum rc dispatch_upload(struct call *c, const char *target, FILE *upload, struct call *ret);

#endif
