#pragma once
/* W(t): scope and share, maintenance, price, grace by incident; the greatest; blocks; the grid. */
#include "billing/engine/weight/rating.h"

/* Of one incident, before blocks. */
const struct spans *weight_of_incident(
    struct rating *r, struct base *base, const struct incident *incident);

/* Of incidents that are rated together. */
struct weight weight_of(struct rating *r, struct base *base, const struct incidents *incidents);

/* Of an impact for the account, whatever the component: WEIGHT_ONE at most, 0 if it does not count.
 */
int64_t weight_of_impact(const struct rating *r, const struct impact *m);

/* Announced maintenance of a component in which the account is meant, joined by incident. */
const struct spans *weight_excuses(struct rating *r, const char *component);

/* Whether the base uses the component and the policy names it. */
bool base_uses(const struct rating *r, const struct base *base, const char *component);

/* grace.c: the instant before which an incident that begins at `start` does not count. */
int64_t grace_ends(const struct rating *r, const struct incident *incident, int64_t start);

/* blocks.c: without blocks shorter than min_block_us. */
struct spans blocks_long_enough(struct scope *s, const struct spans *spans, int64_t min_us);
/* Whole quanta only, or any that a block touches with the weight of the block's end there. */
struct spans blocks_whole(struct scope *s, const struct spans *spans, int64_t quantum_us);
struct spans blocks_any(struct scope *s, const struct spans *spans, int64_t quantum_us);
