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

/* Of one incident, before grace. */
struct spans weight_before_grace(
    struct rating *r, const struct base *base, const struct incident *incident);

/* From spans of incidents, after grace, to W(t): the greatest, blocks, the grid. */
struct weight weight_join(struct rating *r, const struct base *base, const struct spans *spans);

/* grace.c: the instant from which grace runs for an incident that began at `first`, the one before
 * which the incident does not count, and whether grace counts a date as a working day. */
int64_t grace_begins(const struct rating *r, const struct incident *incident, int64_t first);
int64_t grace_ends(const struct rating *r, int64_t start);
bool grace_counts(const struct grace *grace, const struct zone *zone, int64_t day);

/* blocks.c: without blocks shorter than min_block_us. */
struct spans blocks_long_enough(struct scope *s, const struct spans *spans, int64_t min_us);
/* Whole quanta only, or any that a block touches with the weight of the block's end there. */
struct spans blocks_whole(struct scope *s, const struct spans *spans, int64_t quantum_us);
struct spans blocks_any(struct scope *s, const struct spans *spans, int64_t quantum_us);
/* The last bound of the grid up to an instant, and the first from it on. */
int64_t grid_floor(int64_t us, int64_t quantum_us);
int64_t grid_ceil(int64_t us, int64_t quantum_us);
