#pragma once
/*
 * Buttons of the cards in slack_channel (notifier/sql/cards.sql, messages/card.h): publish, dismiss
 * or resolve a suggested incident, approve a credit run. A post is previewed before it is
 * published. Each card shows a decision, also one that was made elsewhere.
 */
#include "api/slack/caller.h"

#include <jansson.h>

struct slack_card {
    const struct slack_caller *caller;
    const char *id;     /* of the suggestion or run */
    const json_t *view; /* the open view that a new one is to replace, or NULL */
};

/* The view of a callback_id without "amends_" after a choice in it, a new reference. NULL: it has
 * none that changes. */
json_t *slack_card_view(struct call *c, const char *callback, const struct slack_card *card);

/* A button, by its action_id without "amends_": the view to open, a new reference, or NULL. */
json_t *slack_card_button(struct call *c, const char *action, const struct slack_card *card);

/* A submitted view that such a button opened: *ret is the outcome of its reply. False: another. */
bool slack_card_submit(struct call *c, const char *callback, const struct slack_card *card,
    const json_t *view, enum rc *ret);
