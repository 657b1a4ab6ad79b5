#ifndef MESSAGES_TRANSACTIONAL_H
#define MESSAGES_TRANSACTIONAL_H
/* Letters about one subscriber that the database writes: what they tell stands in the
 * broadcast's extra, the same for every recipient, as there is one. */
#include <jansson.h>

#include "messages/context_put.h"

/* Complete the context of kind endpoint (one has ended; to its owner) or moved (messages go to
 * another address; to the old one) credit_answer (to a review) or credit_event. */
enum rc transactional_put(struct scope *s, const struct context_spec *spec, json_t *root);

#endif
