#pragma once
/* A rating rebuilt from the explanation of a line. Internal to the recount. */
#include "billing/engine/recount/recounting.h"

/* Read line->explain for c->rule; fills the rest. c->s, c->line and c->rule are given. */
enum rc stated_read(struct recounting *c, zone_find *zones, void *ctx);

/* The exact amount as it is stated. */
enum rc stated_exact(struct recounting *c, mpq_srcptr *ret);
