#include "tests/sinks/keyset.h"

#include <stdlib.h>

/* FNV-1a, and never 0, which marks an empty place. */
static uint64_t hash(const char *text, size_t len)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    h ^= h >> 29;
    return h ? h : 1;
}

static uint64_t *place_of(uint64_t *at, size_t size, uint64_t h)
{
    size_t i = h & (size - 1);
    while (at[i] && at[i] != h)
        i = (i + 1) & (size - 1);
    return &at[i];
}

static void grow(struct keyset *set)
{
    size_t size = set->size ? 2 * set->size : 1024;
    uint64_t *at = calloc(size, sizeof *at);
    if (!at)
        abort();
    for (size_t i = 0; i < set->size; i++)
        if (set->at[i])
            *place_of(at, size, set->at[i]) = set->at[i];
    free(set->at);
    set->at = at;
    set->size = size;
}

bool keyset_add(struct keyset *set, const char *text, size_t len)
{
    if (2 * (set->n + 1) > set->size)
        grow(set);
    uint64_t h = hash(text, len);
    uint64_t *place = place_of(set->at, set->size, h);
    if (*place)
        return false;
    *place = h;
    set->n++;
    return true;
}
