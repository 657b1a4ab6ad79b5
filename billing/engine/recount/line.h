#pragma once
#include <jansson.h>
#include <stdint.h>

/* A line as it is stored: its explanation, and what its own row says. */
struct recount {
    const json_t *explain;
    const char *currency;
    int64_t earlier, taken, amount;
};
