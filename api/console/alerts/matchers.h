#pragma once
/*
 * Matchers of labels as lines of a form: LABEL OP VALUE, where OP is =, !=, =~, !~ or in, which has
 * values between commas. A label or value in double quotes is a JSON string, so every matcher can
 * be written; Prometheus' severity=~"critical|page" is one, too.
 *
 *     severity =~ critical|page
 *     service in api, "web, old"
 */
#include <jansson.h>

#include "api/call/call.h"

/* The matchers of the API as lines. Owned by c->s. */
const char *matchers_text(struct call *c, const json_t *matchers);

/* The matchers that were typed into a field, owned by c->s. A line that is none has no known op,
 * for the API to refuse. */
json_t *matchers_typed(struct call *c, const char *field);

/* Matchers in words: ["severity matches critical|page"], a new list. */
json_t *matchers_words(struct call *c, const json_t *matchers);

/* Name the errors of a list and its elements ("match[2].value") by the field of the form. */
void matchers_name_errors(json_t *problem, const char *list, const char *field);
