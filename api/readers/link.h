#ifndef API_READERS_LINK_H
#define API_READERS_LINK_H
/* Links in messages, as the pages that they open read them. */
#include "api/call/call.h"
#include "api/subscribers/subscriber.h"

/* The id in the path's token, or a refusal with 404. */
enum rc link_open(struct call *c, enum sign_purpose purpose, int64_t *ret_id);

/* Confirm a pending subscriber, and show that they are subscribed; by: link or code. */
enum rc link_confirm_it(struct call *c, int64_t id, const char *by);

/* "a...@example.com": enough for its owner to know it. */
const char *link_hint(struct scope *s, const struct subscriber *subscriber);

#endif
