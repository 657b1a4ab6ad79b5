#pragma once
/* Messages to a single recipient that the database creates: the broadcast's extra holds their
 * values. */
#include <jansson.h>

#include "messages/context_put.h"

/* Complete the context of kind endpoint (to the owner of an endpoint that was removed), moved (to
 * the previous address of a subscriber), credit_answer (to a review), credit_event or
 * component_update. */
enum rc transactional_put(struct scope *s, const struct context_spec *spec, json_t *root);
