#ifndef CLI_CREDIT_WORDS_H
#define CLI_CREDIT_WORDS_H
/* The arithmetic of a credit line in words and numbers, for a person at a terminal. */
#include <jansson.h>

#include "core/strbuf.h"

/* Append one line's arithmetic. explain: what SQL's explain(credit_line) answers.
 * Instants are printed in UTC and in the account's zone, money in currency. */
void credit_words(struct scope *s, struct strbuf *b, const json_t *explain, const char *currency);

#endif
