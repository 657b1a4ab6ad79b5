#pragma once
/*
 * Words of a form's line: bare, or as a JSON string in double quotes, so that every text can be
 * written where commas, an equals sign or line ends stand between words. Pure.
 *
 *     quoted_add(s, &b, "us, east", ",");        b: "us, east" with its quotes
 *     const char *at = b.buf;
 *     json_t *word = quoted_word(&at, ",");      us, east
 */
#include <jansson.h>

#include "core/scope.h"
#include "core/strbuf.h"

#define QUOTED_BLANKS " \t"

/* Append a text, in quotes if it is empty, begins with one, has one of the octets in special or a
 * blank at an end. */
void quoted_add(struct scope *s, struct strbuf *b, const char *text, const char *special);

/* The JSON string at *at, which moves past it, a new reference; NULL: none. */
json_t *quoted_text(const char **at);

/* The word at *at up to one of the octets in stop, without blanks around it, a new reference. *at
 * is then at that octet or at the end. */
json_t *quoted_word(const char **at, const char *stop);

/* The words of a field between commas or line ends, without empty ones; a new list. And the text of
 * such a list, which reads as the same, in s. */
json_t *quoted_list(const char *text);
const char *quoted_joined(struct scope *s, const json_t *list);
