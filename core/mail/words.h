#pragma once
/*
 * Finds phrases in what mail servers write, whatever the case, punctuation and line breaks.
 *
 *     const char *words = words_of(s, "550 <ann@x.example>: User's unknown.");
 *     words_have(words, "user unknown|users unknown") is true
 */
#include <stdbool.h>

#include "core/scope.h"

/* The words of text in lower case, each between spaces. Addresses, URLs and names of hosts are left
 * out, because they give no reason. Reads about the first 16 KiB. */
const char *words_of(struct scope *s, const char *text);

/* Is one of the phrases in words (from words_of)? Phrases stand between bars. Words are whole; a
 * phrase or part that ends in "*" may end inside a word; " .. " stands for at most 48 characters.
 * Apostrophes are left out: "doesnt". */
bool words_have(const char *words, const char *phrases);
