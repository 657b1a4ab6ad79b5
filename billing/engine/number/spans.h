#pragma once
/*
 * A weight over time: intervals [from, to), in order and without overlap unless said otherwise.
 * Between them it is 0. A weight of WEIGHT_ONE is a whole outage: basis points times basis points,
 * so that a level and an account's share multiply exactly.
 */
#include <stddef.h>
#include <stdint.h>

#include "billing/engine/number/rat.h"
#include "core/scope.h"

#define WEIGHT_ONE INT64_C(100000000)

struct span {
    int64_t from, to, weight;
};

struct spans {
    struct span *at;
    size_t n;
};

/* Append; room grows in the scope. */
void spans_add(struct scope *s, struct spans *spans, int64_t from, int64_t to, int64_t weight);

/* The greatest weight at each instant of intervals that may overlap in any order. Cut at every
 * bound of theirs. */
struct spans spans_greatest(struct scope *s, const struct spans *spans);

/* What lies within [from, to). */
struct spans spans_clip(struct scope *s, const struct spans *spans, int64_t from, int64_t to);

/* Add to spans what of [from, to) lies outside of every cut. */
void spans_add_outside(
    struct scope *s, struct spans *spans, struct span span, const struct spans *cuts);

/* The integral over time, in seconds of a whole outage. */
mpq_srcptr spans_seconds(struct scope *s, const struct spans *spans);

/* The first instant; INT64_MAX: nothing. */
int64_t spans_first(const struct spans *spans);
