#pragma once
/*
 * A picture of the part of requests that failed, over time: a bar for each step, the threshold of a
 * rule as a line, and the windows that follow from it behind the bars. Pure: counts in, SVG out.
 *
 *     const struct ratio ratio = {.steps = steps, .n = 40, .step = 60 * CLOCK_SECOND, ...};
 *     json_t *svg = ratio_svg(s, &ratio);
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/strbuf.h"

struct ratio_step {
    int64_t from; /* us since 1970 */
    int64_t bad, total;
};

struct ratio_window {
    int64_t from, to;
};

struct ratio {
    const struct ratio_step *steps;
    size_t n;
    int64_t step;     /* us */
    int64_t from, to; /* of the picture */
    int64_t limit_bp; /* threshold of the rule */
    const struct ratio_window *windows;
    size_t n_windows;
    const char *label; /* text for screen readers */
};

/* Basis points of a step that failed, rounded down; 0 without requests. */
int64_t ratio_bp(const struct ratio_step *step);

/* The upper end of the scale in basis points: a round number above the threshold and all steps. */
int64_t ratio_top(const struct ratio *ratio);

/* The picture, kept in s. */
const char *ratio_svg(struct scope *s, const struct ratio *ratio);
