#pragma once
/* How the amount of a base in a window came about: what its model took, as members of its part in
 * the explanation. */
#include "billing/engine/caps.h"
#include "core/strbuf.h"

/* prorata: multiplier, lost. tiered: tiers, each with what it pays. steps: units and steps. */
void working_put(struct rating *r, struct strbuf *b, struct base *base, const struct part *part,
    const struct incidents *incidents);

/* The cap of an incident, as its member "cap"; window: the line's. */
void working_put_incident_cap(
    struct rating *r, struct strbuf *b, const struct bound *bound, const struct window *window);

/* The cap that bounds a line, as a step of its explanation. */
void working_put_bound(struct rating *r, struct strbuf *b, const struct bound *bound);
