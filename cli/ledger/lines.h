#pragma once
/* Each line of the books, computed again from its explanation. */
#include "core/db/db.h"
#include "core/ledger/compare.h"

/* Add the first lines that do not follow from their explanations. Lines with the same explanation
 * and amounts are one. */
enum rc lines_check(struct scope *s, struct db *db, struct ledger_faults *ret);
