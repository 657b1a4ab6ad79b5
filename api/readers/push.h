#pragma once
/* The part of the public forms that subscribes a browser (templates/page/push.en.html). */
#include <jansson.h>

#include "api/call/call.h"
#include "api/readers/channel_options.h"

/* "push_key", the key that a browser subscribes with, or null for another channel; "push_note": the
 * label of that set, what to say to a browser that is not subscribed. */
void push_put(struct call *c, const struct channel_options *options, const char *set,
    const char *note, json_t *context);
