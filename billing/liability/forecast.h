#pragma once
/* What a book owes now and later, and when that changes. Pure: time is a parameter. */
#include <jansson.h>

#include "billing/liability/book.h"

/* {"policy", "version", "sums": [{"currency", "accounts", "amount_minor", "forecast": [{"minutes",
 * "accounts", "amount_minor"}]}], "thresholds": [{"at", "currency", "accounts", "amount_minor"}
 * with members of reason_put]}, as of a whole second, a new reference in *ret. It remembers in the
 * book how long amounts hold, so the next call computes less. RC_RETRY once stop() is true, which
 * is asked for each group. */
enum rc forecast_book(
    struct scope *s, struct book *book, int64_t at, bool (*stop)(void), json_t **ret);
