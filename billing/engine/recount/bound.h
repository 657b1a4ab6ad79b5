#pragma once
/* Whether the cap of a line follows from what the explanation says of it. Internal to the recount.
 */
#include "billing/engine/policy/rule.h"
#include "billing/engine/recount/line.h"

/* "the step bound names no cap of the policy"; NULL: it follows, or the line has no such step.
 * rule: of the policy, with its own caps. */
const char *bound_fault(struct scope *s, const struct rule *rule, const struct recount *line);
