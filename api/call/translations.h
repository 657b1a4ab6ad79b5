#pragma once
/* The member "translations" of a request: {LANGUAGE: {MEMBER: text}} (templates/translation.h). */
#include <jansson.h>

#include "core/scope.h"
#include "core/shape.h"

/* of: the shape of the texts in one language, all optional. */
#define TRANSLATIONS_FIELD(shape, what) \
    FIELD(JSON, translations, .form = FORM_MAP, .of = &(shape), \
        .doc = "By language tag, such as de or pt-BR: " what " for readers of that language.")
#define TRANSLATIONS_REPLY(shape) \
    FIELD(RAW, translations, .form = FORM_MAP, .of = &(shape), \
        .doc = "By language tag: its texts for readers of that language.")

/* *ret (may be NULL): the JSON text to store, owned by s; NULL if given is. RC_INVALID on
 * translations, translations.LANGUAGE or translations.LANGUAGE.MEMBER. */
enum rc translations_check(
    struct scope *s, const struct shape *shape, const json_t *given, const char **ret);

/* Of a checked one, only these members (NULL ends them) in each language: {"de": {"title": ...}}. A
 * new reference; NULL if given is. */
json_t *translations_only(const json_t *given, const char *const *members);
