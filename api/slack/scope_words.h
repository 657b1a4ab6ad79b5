#pragma once
/* The scope of an incident in words: "plan=pro region=eu,us" are labels, each with its value or
 * values; words without "=" are accounts by their names. Pure. */
#include <jansson.h>

#include "core/scope.h"

/* The API's ImpactScope, a new reference; NULL without words. */
json_t *slack_scope_of(struct scope *s, const char *words);
