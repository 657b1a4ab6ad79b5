#pragma once
/* Why an amount changes at a threshold, by the terms of the policy. Pure. */
#include <jansson.h>

#include "billing/engine/engine.h"

/* All zero: no tier, gate or unit is reached (a grace ends, an amount becomes great enough). */
struct reason {
    mpq_srcptr uptime_below; /* percent, of the rule: the tier or the gate; NULL: neither */
    mpq_srcptr down_from;    /* seconds, of the rule; NULL */
    int64_t units;           /* of steps, reached; 0: none */
};

/* What an account reaches between two credits by the same rule. */
struct reason reason_of(
    const struct rule *rule, const struct credit *before, const struct credit *after);

/* Below 0, 0 or above, in an order of its own. */
int reason_order(const struct reason *a, const struct reason *b);

/* Add "uptime_below": "99.9", "down_from_seconds": "14400" or "units": 3 to an object. */
void reason_put(struct scope *s, const struct reason *reason, json_t *object);
