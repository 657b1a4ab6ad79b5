#pragma once
/* How W(t) came about where the policy has grace, a smallest block or a grid, as members of the
 * explanation. */
#include "billing/engine/owed.h"
#include "core/strbuf.h"

/* "counting": of each base, with its `product` if it has one,
 *   stretches   the weight of each incident before grace, with a price and without what is excused
 *   grace       of each incident, from when and until when
 *   blocks      of all incidents after grace; `counts` with min_block_seconds, and grid_from and
 *               grid_to, absent where nothing is left, with quantum_seconds
 * as far as they touch the window or, with steps per incident, belong to an incident that does.
 * Nothing where the policy has none of the three. */
void counting_put(struct rating *r, struct strbuf *b, const struct owed *owed);

/* weight_bp and, where that is not all of it, weight. */
void counting_put_weight(struct rating *r, struct strbuf *b, int64_t weight);
