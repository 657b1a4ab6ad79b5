#pragma once
/* The calculation of a credit line as text for a terminal. */
#include <jansson.h>

#include "core/strbuf.h"

/* Append the calculation of one line. explain: the result of the SQL function explain(credit_line).
 * Prints instants in UTC and in the account's zone, and money in currency. */
void credit_words(struct scope *s, struct strbuf *b, const json_t *explain, const char *currency);
