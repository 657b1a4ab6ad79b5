#pragma once
/*
 * Compute the lines of a credit run, in the transaction of the caller: SQL pins the evidence and
 * groups accounts, billing/engine computes each group, SQL writes the lines (billing/sql/).
 */
#include "billing/batches.h"

/* Compute and write the draft of a run. RC_INVALID: it cannot be, with the reason. */
enum rc compute_draft(struct scope *s, struct db *db, int64_t run);

/* Compute an approved run again, if anything moved since its draft, and compare. False: it would
 * have other lines, and has failed. */
enum rc compute_again(struct scope *s, struct db *db, int64_t run, bool *ret_holds);

/* Compute the groups of a run without explanations and without writing anything; fn receives each.
 */
enum rc compute_groups(struct scope *s, struct db *db, int64_t run, group_fn *fn, void *arg);
