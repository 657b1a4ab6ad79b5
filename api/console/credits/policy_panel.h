#pragma once
/* Beside the form of a policy: what an account gets in an example, and what the policy would have
 * cost over past incidents. */
#include <jansson.h>

#include "api/call/call.h"

/* "example" and "cost" into context, with the fields of both. The API's refusal of the policy is no
 * failure: *ret_problem, and both are null. */
enum rc policy_panel(struct call *c, json_t *context, const json_t *document, json_t **ret_problem);

/* Without either. */
void policy_panel_empty(struct call *c, json_t *context);
