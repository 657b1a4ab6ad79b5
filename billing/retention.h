#ifndef BILLING_RETENTION_H
#define BILLING_RETENTION_H
/*
 * What time does to what is stored (billing/sql/retention.sql): partitions of outcomes are
 * made ahead and dropped, who left is forgotten, and what was good for a while is removed. Small
 * steps, each a transaction; of several processes one takes each.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/db/db.h"

/* Take each step once. days: AMENDS_RETENTION_DAYS; 0 keeps outcomes and readers without limit.
 * *ret_more: some step changed rows, so there may be more. RC_RETRY: a table was locked for more
 * than a second; try again later. */
enum rc retention_run(struct scope *s, struct db *db, int64_t days, bool *ret_more);

#endif
