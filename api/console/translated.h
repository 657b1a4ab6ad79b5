#pragma once
/*
 * Texts in other languages in a form (templates/page/staff/translations.en.html): for each
 * language a section with the fields PART:TAG, such as "body:de".
 *
 *     static const char *const parts[] = {"title", "body", NULL};
 *     struct translated t = {
 *         .parts = parts, .own = c->api->config->language, .form = c->form, .start = row};
 *     TRY(translated_readers(c, &t.readers));
 *     translated_put(c, &t, context);
 *     json_object_set_new(body, "translations", translated_typed(c, parts));
 */
#include <jansson.h>

#include "api/call/call.h"

struct translated {
    const char *const *parts; /* title, body, affected_body, subject ...; NULL-terminated */
    const char *own;          /* the language of the texts themselves: no section of its own */
    const struct form *form;  /* what was typed; NULL: nothing, so start */
    const json_t *start;      /* {LANGUAGE: {PART: text}}, or NULL */
    const json_t *readers;    /* [{locale, count}], or NULL */
    bool any;                 /* letters: in any language, also without pages */
    const char *id;           /* tells the forms of one page apart; NULL: the only one */
};

/* Put "translations" [{tag, name, readers, missing, open, parts: [...]}], "translations_open", and
 * "translations_missing": the languages that have readers and no text, with their number. */
void translated_put(struct call *c, const struct translated *t, json_t *context);

/* What was typed: {LANGUAGE: {PART: text}}; empty fields are none. A new reference. */
json_t *translated_typed(struct call *c, const char *const *parts);

/* The active subscribers by language, of large lists an estimate; owned by c->s. */
enum rc translated_readers(struct call *c, const json_t **ret);

/* A sentence for each language of the readers in which the body (or else the first part) is not
 * among the texts, all. A new reference. */
json_t *translated_missing(struct call *c, const struct translated *t, const json_t *all);
