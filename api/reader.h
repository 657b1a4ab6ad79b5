#ifndef API_READER_H
#define API_READER_H
/* What the pages share that a reader uses for their own subscription. */
#include <jansson.h>

#include "api/call.h"
#include "api/form.h"
#include "core/db.h"

/* The words that were shown, in the consent log. */
#define READER_WORDING "page-1"

/* The field's value, or def where it is missing or empty. */
const char *form_text(const struct form *form, const char *name, const char *def);

/* {"groups": [...], "components": [...], "incident": REF} of the form: with what=all empty. */
json_t *reader_chosen(struct scope *s, const struct form *form);

/* Groups and components for checkboxes: [{slug, name, checked}] as "groups" and "components"
 * of context, and "all". subscriber: whose choice is checked; 0: nobody's. */
enum rc reader_catalogue(struct scope *s, struct db *db, int64_t subscriber, json_t *context);

/* The chosen one of verbosities[]; every without one. */
const char *reader_verbosity(const struct form *form);

/* "milestones" and "daily" of context. */
void reader_put_verbosity(json_t *context, const char *verbosity);

/* A row of the consent log about somebody who is there. */
enum rc reader_consent(
    struct scope *s, struct db *db, int64_t id, const char *action, const char *source);

#endif
