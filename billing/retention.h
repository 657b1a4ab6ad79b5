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

/* Take each step once. days: AMENDS_RETENTION_DAYS; 0 keeps outcomes and readers for ever.
 * *ret_more: some step did something, so there may be more of it. RC_RETRY: a table was in use
 * for longer than a second; nothing is lost by trying later. */
enum rc retention_run(struct scope *s, struct db *db, int64_t days, bool *ret_more);

#endif
