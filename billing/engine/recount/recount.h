#pragma once
/*
 * A line computed again from its own explanation: windows, prices and moments go through the same
 * steps as at the draft, and the explanation that comes out must be the one that is there.
 *
 * Not everything is in an explanation: of requests, steps per incident, caps per incident and a
 * grid for `below` alone, only the steps from the exact amount on are computed again; caps of a
 * year and of 30 days follow from the prices that stand beside them.
 */
#include "billing/engine/evidence/evidence.h"
#include "billing/engine/recount/line.h"

/* *ret: what does not follow ("cap_minor is 5, recomputed 7"); NULL: nothing. rule: of the
 * document that the line was made by. RC_INVALID: the explanation cannot be read. */
enum rc recount_line(struct scope *s, const struct rule *rule, const struct recount *line,
    zone_find *zones, void *ctx, const char **ret);
