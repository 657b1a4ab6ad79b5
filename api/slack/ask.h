#pragma once
/* The API as the person behind the Slack user; audit entries say that it was through Slack. */
#include <jansson.h>

#include "api/call/call.h"

/* Call a /v1 route. body (borrowed) and once (Idempotency-Key) may be NULL. False: refused, and
 * *ret_json is the problem (RFC 9457). c->s owns *ret_json. */
bool slack_ask(struct call *c, enum verb verb, const char *target, json_t *body, const char *once,
    json_t **ret_json);

/* What is wrong with a field (or NULL), in the person's language; and the problem in one line. */
const char *slack_detail(struct call *c, const char *field, const char *detail);
const char *slack_problem(struct call *c, const json_t *problem);

/* The language of the person, or (nobody is linked) of the service; and a label of the set
 * staff_slack in it, else in English. */
const char *slack_locale(const struct call *c);
const char *slack_word(struct call *c, const char *key);

/* A path segment. */
const char *slack_escaped(struct call *c, const char *text);

/* Reply with json, which it takes; NULL: 200 without a body. */
enum rc slack_reply(struct call *c, json_t *json);
