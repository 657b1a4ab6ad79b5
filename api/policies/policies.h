#pragma once
/* Policies: their versions, examples of them, and what they would have cost. */
#include "api/call/call.h"
#include "billing/policy.h"

extern const struct route_list policy_routes;

extern const struct shape stored_policy_shape, policy_filter_shape, policy_trial_shape;
extern const struct shape policy_trial_cost_shape, policy_example_shape, worked_example_shape;

/* Refuse what amends policy lint refuses in the policy that the request's body has at a pointer:
 * "", or such as "/against/policy". RC_INVALID names the field from the body on. */
enum rc policy_body_lint(struct scope *s, const struct call *c, const char *pointer);

route_fn policy_list, policy_create, policy_trial, policy_example;
