#pragma once
/* Pieces of a policy's words: labels of the set "policy_words", filled in. Texts are owned by
 * p->s. */
#include <stdbool.h>
#include <stdint.h>

#include "billing/words/words.h"

/* values: a new reference. */
const char *say(const struct policy_words *p, const char *label, json_t *values);

/* The label of a number of things: LABEL_one for 1, with {n}. */
const char *say_count(const struct policy_words *p, const char *label, int64_t n);

/* Append a sentence. */
void add(json_t *list, const char *text);

/* A member's text, or the default. */
const char *field(const json_t *of, const char *name, const char *otherwise);

/* "99,9" or "10/3". */
const char *decimal(const struct policy_words *p, const char *number);

/* Basis points as a percentage. */
const char *percent(const struct policy_words *p, int64_t bp);

/* "5.00 EUR"; days, a currency of hundredths, "3.5 days". */
const char *money_words(const struct policy_words *p, const char *currency, int64_t minor);

/* {currency: minor} as "5.00 EUR, 3.50 days". */
const char *amounts(const struct policy_words *p, const json_t *object);

/* Texts of an array, with a separator. */
const char *joined(const struct policy_words *p, const json_t *texts, const char *separator);

/* The window's name in a phrase: "in" or "of", "in the calendar month". */
const char *window(const struct policy_words *p, const char *phrase);

/* The parts of policy_words. gives: the sentence; rows, counts, limits: new references. */
const char *words_gives(const struct policy_words *p);
json_t *words_rows(const struct policy_words *p);
json_t *words_counts(const struct policy_words *p);
json_t *words_limits(const struct policy_words *p);
