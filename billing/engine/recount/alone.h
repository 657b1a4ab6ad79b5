#pragma once
/* What counts alone in an explanation: requests by interval, and single incidents with their caps.
 * RC_INVALID: it is not stated as it must be. Internal to the recount. */
#include "billing/engine/recount/recounting.h"

/* The incidents that are stated, as c->incidents. */
enum rc alone_read_incidents(struct recounting *c);
/* Their W(t) in a base. */
enum rc alone_read_windows(struct recounting *c, struct base *base);
/* Failed requests of a base, in place of measurements. */
enum rc alone_read_requests(struct recounting *c, const json_t *list, struct base *base);

/* What each incident gets within its cap, in place of caps that are computed from evidence. Of
 * whole lines. *ret: what does not follow, or NULL. */
enum rc alone_settle_caps(struct recounting *c, const struct rule *rule, const char **ret);
