#pragma once
/* Parts of `amends incident` and `amends undo`. */
#include <jansson.h>

#include "cli/command.h"

enum { POSTING_HOLD = 30 }; /* seconds to undo, as the console offers first */

/* SLUG=LEVEL with a known level. */
bool posting_is_component(const char *arg);
extern const char posting_no_component[]; /* otherwise */
/* The list for the API. */
json_t *posting_components(struct scope *s, const struct texts *given);

/* LANGUAGE.FIELD=TEXT, such as de.body=Vorbei. */
bool posting_is_translation(const char *arg);
extern const char posting_no_translation[]; /* otherwise */
/* Put the member translations, if any are given. */
void posting_put_translations(struct scope *s, const struct texts *given, json_t *body);

/* KEY=VALUE with a key. */
bool posting_is_label(const char *arg);
/* labels: KEY=VALUE, those with the same key are its values. list: an account list or NULL. */
struct posting_scope {
    struct texts labels, accounts;
    const char *list;
};
/* Put the member scope, if it names any. */
void posting_put_scope(struct scope *s, const struct posting_scope *given, json_t *body);

/* Print how to undo the post of a reply, or that it is public. */
void posting_print(const struct invocation *in, const char *ref, const json_t *reply);

/* Print an incident with its impacts and updates. */
void posting_print_incident(const json_t *incident);

/* The verb `liability`. */
enum rc incident_liability(struct scope *s, struct invocation *in);
