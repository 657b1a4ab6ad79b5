#pragma once
/* What a broadcast means for a channel with states: the member "event" of a message's context
 * (chat_message.h), and the action of the document that a recipient gets. */
#include <jansson.h>

#include "messages/broadcast.h"
#include "messages/provider.h"

/* b: with its facts, if it has any. Owned by s. */
json_t *chat_event(struct scope *s, const struct config *config, const struct broadcast *b);
json_t *chat_event_sample(struct scope *s);

/* The action for a recipient; NULL: the channel has none. follows: they have had a message of the
 * incident. */
const struct provider_action *chat_action(
    const struct provider *channel, const struct broadcast *b, bool follows);
