#pragma once
/* Claims as CSV: the fields of the API, with dates and states as it has them. */
#include "api/call/call.h"

/* Reply with rows, a list of struct customer_claim. */
enum rc claim_csv_reply(struct call *c, const struct list *rows);
