#pragma once
/* Links in messages, for the pages they open. */
#include "api/call/call.h"
#include "api/subscribers/subscriber.h"

/* The link in the path's token, or 404. */
enum rc link_read(struct call *c, enum sign_purpose purpose, struct link_token *ret);

/* Its id alone. */
enum rc link_open(struct call *c, enum sign_purpose purpose, int64_t *ret_id);

/* The refusal of a link that is invalid, has expired or leads to nothing any more. */
enum rc link_none(struct call *c);

/* Confirm a pending subscriber and show the result; by: link or code. */
enum rc link_confirm_it(struct call *c, int64_t id, const char *by);

/* "a...@example.com": enough for its owner to recognise it. */
const char *link_hint(struct scope *s, const struct subscriber *subscriber);
