#pragma once
/* Slack's Web API (https://docs.slack.dev/apis/web-api), within what is left of the three seconds
 * in which Slack wants an answer. */
#include <jansson.h>

#include "api/call/call.h"

/* Call a method with body, which it takes: NULL if Slack did it, else Slack's error ("not_authed")
 * or why there is none, owned by c->s and logged. Blocks for at most two seconds. */
const char *slack_web(struct call *c, const char *method, json_t *body);

/* Open a view, which it takes, for a trigger_id; and replace an open one. hash: only if it is still
 * as it was then; NULL: in any case. */
const char *slack_view_open(struct call *c, const char *trigger, json_t *view);
const char *slack_view_update(struct call *c, const char *id, const char *hash, json_t *view);
