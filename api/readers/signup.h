#ifndef API_READERS_SIGNUP_H
#define API_READERS_SIGNUP_H
/* What a reader asks for by a form, kept for signup_settle (api/readers/sql/signup.sql):
 * the same row for every address, so that nothing tells who is subscribed. */
#include <jansson.h>

#include "api/subscribers/address.h"
#include "api/call/call.h"
#include "api/call/form.h"

/* The field "address" on the channel of the field "channel" (email without one). RC_INVALID on
 * "channel" when the forms do not offer it, on "address" when it is none, is a Slack
 * bot's channel, or an SMS to it is not wanted. */
enum rc signup_address(struct call *c, const struct form *form, struct address *ret);

/* Keep a request: kind subscribe, manage or move. Completes form by the address, sealed where
 * it is a secret, and by the number of the subscriber that it may become. HTTP 429 when this
 * caller, or everybody together, asked too often in the last hour. */
enum rc signup_keep(
    struct call *c, const char *kind, const struct address *address, json_t *form, int64_t *ret_id);

/* What the form wishes, as signup_settle reads it: choice, verbosity, locale of the page, zone,
 * format. RC_INVALID on "what", "timezone" or "format". */
enum rc signup_wish(struct call *c, const struct form *form, json_t **ret);

/* The page that says that a message is on its way, with the form for the code of an SMS. wrong:
 * "code", or NULL. */
enum rc signup_show_told(struct call *c, const struct form *form, const char *wrong);

#endif
