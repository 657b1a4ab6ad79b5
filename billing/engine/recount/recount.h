#pragma once
/*
 * A line computed again from its own explanation: windows, prices and moments go through the same
 * steps as at the draft, and the explanation that comes out must be the one that is there.
 *
 * Requests, and W(t) of single incidents for steps and caps per incident, are stated where a policy
 * asks for them. Caps of a year, of 30 days and of another window follow from the prices that stand
 * beside them. What earlier windows have used up of an incident's cap, and what earlier lines hold,
 * is taken as stated. Lines from before incidents were stated are computed again from the exact
 * amount on.
 */
#include "billing/engine/evidence/evidence.h"
#include "billing/engine/recount/line.h"

/* *ret: what does not follow ("cap_minor is 5, recomputed 7"); NULL: nothing. rule: of the
 * document that the line was made by. RC_INVALID: the explanation cannot be read. */
enum rc recount_line(struct scope *s, const struct rule *rule, const struct recount *line,
    zone_find *zones, void *ctx, const char **ret);
