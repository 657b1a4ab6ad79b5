#pragma once
/* Local dates of a weight: what the clock on the wall shows while it lasts. */
#include "billing/engine/number/spans.h"
#include "billing/engine/number/zone.h"

struct days {
    int64_t *at;
    size_t n;
};

/* The dates on which the weight is above 0 at any instant or, if throughout, at every instant, of
 * those between from and to. In order, each once. */
struct days dates_hit(struct scope *s, const struct zone *zone, const struct spans *spans,
    bool throughout, int64_t from, int64_t to);
