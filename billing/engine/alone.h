#pragma once
/* W(t) of each incident alone, with what a cap per incident leaves of it, as a member of an
 * explanation. */
#include "billing/engine/caps.h"
#include "core/strbuf.h"

/* Whether each incident counts alone: steps or caps per incident. */
bool alone_needs_incidents(const struct rule *rule);

/* "incidents": [{incident, windows, first, cap, used, gives, gets}]; the last five of
 * caps, first of those that refer to prices. */
void alone_put_incidents(struct rating *r, struct strbuf *b, const struct owed *owed);
