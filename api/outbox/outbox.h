#pragma once
/* The outbox: messages of an installation without a relay, as their readers would get them. */
#include "api/call/call.h"

extern const struct route_list outbox_routes;

extern const struct shape outbox_line_shape, outbox_message_shape, outbox_filter_shape;
route_fn outbox_list, outbox_get;

/* Does a connected notifier keep messages instead of sending them? */
enum rc outbox_is_on(struct scope *s, struct db *db, bool *ret_on);
