#pragma once
/* Which texts were seen, by a 64-bit hash of each: open addressing, grows, never forgets. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyset {
    uint64_t *at;
    size_t n, size;
};

/* false: it was there already. */
bool keyset_add(struct keyset *set, const char *text, size_t len);
