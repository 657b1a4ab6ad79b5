#pragma once
/* claim: an incident, or a window, counts only for those who asked in time. */
#include "billing/engine/weight/rating.h"

/* Whether an incident counts for the account (from incident_end). */
bool claim_counts(const struct rating *r, const struct incident *incident);

/* Whether the window has an incident that hit it and that a claim names in time (from window_end).
 */
bool claim_opens(struct rating *r, const struct window *window, const struct incidents *incidents);
