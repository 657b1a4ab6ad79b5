#pragma once
/* Requests from the public forms, stored for signup_settle (api/readers/sql/signup.sql): the same
 * row for every address, so that the response does not reveal whether it is subscribed. */
#include <jansson.h>

#include "api/subscribers/address.h"
#include "api/call/call.h"
#include "api/call/form.h"

/* Read the field "address" on the channel of the field "channel" (default: email). RC_INVALID on
 * "channel" if the forms do not offer it, on "address" if it is malformed, a Slack bot's channel,
 * or a number that may not receive SMS; on "p256dh" or "auth", a browser's keys. */
enum rc signup_address(struct call *c, const struct form *form, struct address *ret);

/* Store a request: kind subscribe, manage, move or password (of staff). Adds to form the address,
 * sealed if it is a secret, and the id of the subscriber it may become. HTTP 429 if this client, or
 * all clients together, asked too often in the last hour. */
enum rc signup_keep(
    struct call *c, const char *kind, const struct address *address, json_t *form, int64_t *ret_id);

/* A form whose address gets a link by mail: store the request of kind and show its page as sent,
 * the same for every address; or again, with the mistake beside its field. */
typedef enum rc signup_show_fn(struct call *c, const struct form *form, bool sent);
enum rc signup_send_link(struct call *c, const char *kind, signup_show_fn *show);

/* The form's settings for signup_settle: choice, verbosity, locale of the page, zone, format.
 * RC_INVALID on "what", "timezone" or "format". */
enum rc signup_wish(struct call *c, const struct form *form, json_t **ret);

/* The page that confirms the request, with a form for the code of an SMS. */
enum rc signup_show_sent(struct call *c, const struct form *form);
