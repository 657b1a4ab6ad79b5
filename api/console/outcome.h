#pragma once
/* How a broadcast went, for its page: "told" (a sentence), "bar", "reasons" and, if the page was
 * asked for a reason, "people" with "people_of" and "next_cursor". */
#include <jansson.h>

#include "api/call/call.h"

enum rc outcome_put(struct call *c, json_t *broadcast, json_t *context);
