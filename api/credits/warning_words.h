#pragma once
/* A warning about impacts or a run in words: the API returns a code, its values, and an English
 * text. */
#include <jansson.h>

#include "core/scope.h"

/* Replace the "text" of a warning {code, detail, text} by that of the language, if there is one. */
void warning_words(struct scope *s, const char *locale, json_t *warning);
