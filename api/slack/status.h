#pragma once
/* /amends status: open incidents, and the components that they concern. */
#include <jansson.h>

#include "api/call/call.h"

/* The blocks of the message, a new reference; or else the reason for none. */
const char *slack_status(struct call *c, json_t **ret_blocks);
