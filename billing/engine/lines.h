#pragma once
/* From the exact amount of a window to a line: rounding, at_least, earlier lines, caps, min_credit.
 */
#include "billing/engine/credit.h"
#include "billing/engine/owed.h"

/* Adds to ret a line, an excess or nothing. */
enum rc lines_settle(struct rating *r, const struct owed *owed, struct credit *ret);
