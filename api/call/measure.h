#pragma once
/* The metrics of requests: counts and latency per route. */
#include <stdint.h>

#include "api/call/route.h"
#include "core/strbuf.h"

/* route NULL: none matched. */
void measure_request(const struct route *route, int status, int64_t us);
void measure_print(struct strbuf *b);
