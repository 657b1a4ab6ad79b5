#pragma once
/* The buttons of a card: a message to staff in slack_channel that can be decided there
 * (api/slack/cards.h). Pure. */
#include <jansson.h>

#include "core/scope.h"

/* The buttons for detail {what, id} of a message to staff, a new list of {action, value, label,
 * style, confirm, yes, no}, where style and confirm (a question) may be null. Empty: none. */
json_t *card_buttons(struct scope *s, const char *locale, const json_t *detail);
