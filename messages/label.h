#ifndef MESSAGES_LABEL_H
#define MESSAGES_LABEL_H
/* Words for what is written as a key elsewhere, out of templates/labels/<locale>.json. */
#include <jansson.h>

#include "core/scope.h"

/* The label of key in a set ("state", "level") in the best locale there is, as in
 * template_load; key itself when it has none. Owned by s. NULL stays NULL.
 *     label_text(s, "de-AT", "state", "in_progress") */
const char *label_text(struct scope *s, const char *locale, const char *set, const char *key);

/* A label like "January {year}": each {name} is what values says, text or number. A name that
 * values does not have stays as it is. Owned by s. */
const char *label_fill(struct scope *s, const char *label, const json_t *values);

/* A whole set, each label in the best locale there is, as one object. Owned by s. */
json_t *label_set(struct scope *s, const char *locale, const char *set);

#endif
