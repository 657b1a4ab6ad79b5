#pragma once
/* The reply of routes that send: the broadcast to follow. */
#include "api/call/call.h"

extern const struct shape created_broadcast_shape;

/* Reply {broadcast}. */
enum rc reply_created_broadcast(struct call *c, int64_t id);
