#pragma once
/* The worked example of a policy in words. Pure. */
#include <jansson.h>

#include "core/scope.h"

/* {text, gets, lines}: a sentence, the amount, and the calculation for page/credit_lines.en.html,
 * of a WorkedExample as the API has it. A new reference. */
json_t *example_words(struct scope *s, const char *locale, const json_t *example);
