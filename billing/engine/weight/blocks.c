/* Blocks: maximal stretches with a weight, whatever it is. */
#include "billing/engine/weight/weight.h"

/* One past the last span of the block that begins with span i. */
static size_t block_end(const struct spans *spans, size_t i)
{
    for (i++; i < spans->n && spans->at[i].from == spans->at[i - 1].to; i++)
        ;
    return i;
}

struct spans blocks_long_enough(struct scope *s, const struct spans *spans, int64_t min_us)
{
    struct spans found = {0};
    if (!min_us)
        return *spans;
    for (size_t i = 0, end; i < spans->n; i = end) {
        end = block_end(spans, i);
        if (spans->at[end - 1].to - spans->at[i].from < min_us)
            continue;
        for (size_t j = i; j < end; j++)
            spans_add(s, &found, spans->at[j].from, spans->at[j].to, spans->at[j].weight);
    }
    return found;
}

int64_t grid_floor(int64_t us, int64_t quantum)
{
    int64_t rest = us % quantum;
    return us - (rest < 0 ? rest + quantum : rest);
}

int64_t grid_ceil(int64_t us, int64_t quantum)
{
    int64_t low = grid_floor(us, quantum);
    return low == us ? us : low + quantum;
}

struct spans blocks_whole(struct scope *s, const struct spans *spans, int64_t quantum_us)
{
    struct spans found = {0};
    for (size_t i = 0, end; i < spans->n; i = end) {
        end = block_end(spans, i);
        struct spans block = {.at = spans->at + i, .n = end - i};
        struct spans kept = spans_clip(s, &block, grid_ceil(spans->at[i].from, quantum_us),
            grid_floor(spans->at[end - 1].to, quantum_us));
        for (size_t j = 0; j < kept.n; j++)
            spans_add(s, &found, kept.at[j].from, kept.at[j].to, kept.at[j].weight);
    }
    return found;
}

struct spans blocks_any(struct scope *s, const struct spans *spans, int64_t quantum_us)
{
    struct spans wide = {0};
    for (size_t i = 0, end; i < spans->n; i = end) {
        end = block_end(spans, i);
        const struct span *first = &spans->at[i], *last = &spans->at[end - 1];
        spans_add(s, &wide, grid_floor(first->from, quantum_us), first->from, first->weight);
        for (size_t j = i; j < end; j++)
            spans_add(s, &wide, spans->at[j].from, spans->at[j].to, spans->at[j].weight);
        spans_add(s, &wide, last->to, grid_ceil(last->to, quantum_us), last->weight);
    }
    return spans_greatest(s, &wide);
}
