#pragma once
/* The calculation of a credit. */
#include "api/call/call.h"

extern const struct shape credit_working_shape;

/* Reply with the calculation of a credit that exists. */
enum rc credit_workings_reply(struct call *c, int64_t id);
