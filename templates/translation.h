#pragma once
/*
 * Texts that staff write in several languages: a text, and beside it its translations
 * {LANGUAGE: {MEMBER: text}} (decision 130). A reader gets their own language: the exact tag
 * (pt-BR), else a wider one (pt), else another of the same language (pt-PT reads pt-BR); else the
 * text itself, which is in the language of the setting `language`.
 *
 *     struct translation t = translation_of(s, row->translations, "de-AT", "title", row->title);
 *     t.text; t.language;
 */
#include <jansson.h>

#include "core/scope.h"

struct translation {
    const char *text;
    const char *language; /* NULL: the text itself, or one like it */
};

/* The language among the keys of all that a reader of locale gets; NULL: none. member: only of a
 * translation that has it; NULL: any. Borrowed from all, which may be NULL. */
const char *translation_find(const json_t *all, const char *locale, const char *member);

/* all: JSON text; NULL, or invalid: no translation. text may be NULL. Owned by s. */
struct translation translation_of(
    struct scope *s, const char *all, const char *locale, const char *member, const char *text);

/* For the attribute lang of HTML and the like: the language of t if it is not that of a document in
 * locale, else NULL. own: the language of the text itself. */
const char *translation_foreign(const struct translation *t, const char *own, const char *locale);
