#pragma once
/* W(t) from the outages of an explanation. Internal to the recount. */
#include <jansson.h>

#include "billing/engine/weight/rating.h"

/* A stretch of weight. RC_INVALID names the member. */
enum rc outages_span(struct scope *s, const json_t *json, struct span *ret);

/* What grace, blocks and the grid make of the stretches in `counting`. */
enum rc outages_weight(
    struct rating *r, const struct base *base, const json_t *counting, struct weight *ret);
