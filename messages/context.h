#ifndef MESSAGES_CONTEXT_H
#define MESSAGES_CONTEXT_H
/* What a template of a broadcast renders from: templates/CONTEXT.md, with markers of
 * text_template.h for what differs per recipient. */
#include <jansson.h>

#include "messages/context_put.h"

/* RC_INVALID when a text of staff can not be rendered. Owned by s. */
enum rc context_make(struct scope *s, const struct context_spec *spec, json_t **ret);

#endif
