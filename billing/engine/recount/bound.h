#pragma once
/* Whether the cap of a line follows from what the explanation says of it. Internal to the recount.
 */
#include "billing/engine/policy/rule.h"
#include "billing/engine/recount/line.h"

/* "the step bound names no cap of the policy"; NULL: it follows, or the line has no such step.
 * rule: of the policy, with its own caps. */
const char *bound_fault(struct scope *s, const struct rule *rule, const struct recount *line);

/* The cap of an incident as it is stated; in_window: it begins in the window of the line. NULL: it
 * follows, and *ret is its value. */
const char *bound_of_incident(struct scope *s, const struct rule *rule, const struct recount *line,
    const json_t *stated, bool in_window, mpq_srcptr *ret);

/* Whether incidents of this currency have a cap of their own. */
bool bound_is_due(const struct rule *rule, const char *currency);
