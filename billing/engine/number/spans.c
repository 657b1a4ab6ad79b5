#include "billing/engine/number/spans.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

void spans_add(struct scope *s, struct spans *spans, int64_t from, int64_t to, int64_t weight)
{
    if (from >= to || weight <= 0)
        return;
    /* Room is a power of two, at least 4. */
    if (spans->n == 0 || (spans->n >= 4 && (spans->n & (spans->n - 1)) == 0)) {
        struct span *more = SCOPE_ARRAY(s, struct span, spans->n ? spans->n * 2 : 4);
        if (spans->n)
            memcpy(more, spans->at, spans->n * sizeof *more);
        spans->at = more;
    }
    spans->at[spans->n++] = (struct span){from, to, weight};
}

static int by_instant(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int64_t greatest_at(const struct spans *spans, int64_t at)
{
    int64_t greatest = 0;
    for (size_t i = 0; i < spans->n; i++) {
        const struct span *span = &spans->at[i];
        if (span->from <= at && at < span->to && span->weight > greatest)
            greatest = span->weight;
    }
    return greatest;
}

struct spans spans_greatest(struct scope *s, const struct spans *spans)
{
    struct spans found = {0};
    if (spans->n < 2)
        return *spans;
    size_t n = spans->n * 2;
    int64_t *bounds = SCOPE_ARRAY(s, int64_t, n);
    for (size_t i = 0; i < spans->n; i++) {
        bounds[2 * i] = spans->at[i].from;
        bounds[2 * i + 1] = spans->at[i].to;
    }
    qsort(bounds, n, sizeof *bounds, by_instant);
    for (size_t i = 0; i + 1 < n; i++)
        spans_add(s, &found, bounds[i], bounds[i + 1], greatest_at(spans, bounds[i]));
    return found;
}

struct spans spans_clip(struct scope *s, const struct spans *spans, int64_t from, int64_t to)
{
    struct spans found = {0};
    for (size_t i = 0; i < spans->n; i++) {
        struct span one = spans->at[i];
        spans_add(
            s, &found, one.from > from ? one.from : from, one.to < to ? one.to : to, one.weight);
    }
    return found;
}

static int by_from(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

void spans_add_outside(
    struct scope *s, struct spans *spans, struct span span, const struct spans *cuts)
{
    if (cuts->n > 1)
        qsort(cuts->at, cuts->n, sizeof *cuts->at, by_from);
    for (size_t i = 0; i < cuts->n; i++) {
        const struct span *cut = &cuts->at[i];
        if (cut->to <= span.from)
            continue;
        spans_add(s, spans, span.from, cut->from < span.to ? cut->from : span.to, span.weight);
        span.from = cut->to;
    }
    spans_add(s, spans, span.from, span.to, span.weight);
}

mpq_srcptr spans_seconds(struct scope *s, const struct spans *spans)
{
    mpq_ptr sum = rat_sum(s);
    for (size_t i = 0; i < spans->n; i++) {
        const struct span *one = &spans->at[i];
        rat_grow(sum, one->to - one->from, one->weight, 1, WEIGHT_ONE * CLOCK_SECOND);
    }
    return sum;
}

int64_t spans_first(const struct spans *spans)
{
    return spans->n ? spans->at[0].from : INT64_MAX;
}
