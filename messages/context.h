#pragma once
/* The context that the templates of a broadcast render from (templates/CONTEXT.md), with markers of
 * text_template.h for values that differ per recipient. */
#include <jansson.h>

#include "messages/context_put.h"

/* RC_INVALID if a text written by staff cannot be rendered. Owned by s. */
enum rc context_make(struct scope *s, const struct context_spec *spec, json_t **ret);
