#pragma once
/*
 * Compute the lines of a credit run, in the transaction of the caller: SQL pins the evidence and
 * groups accounts, billing/engine computes each group, SQL writes the lines (billing/sql/).
 */
#include "billing/engine/credit.h"
#include "core/db/db.h"

/* Compute and write the draft of a run. RC_INVALID: it cannot be, with the reason. */
enum rc compute_draft(struct scope *s, struct db *db, int64_t run);

/* Compute an approved run again, if anything moved since its draft, and compare. False: it would
 * have other lines, and has failed. */
enum rc compute_again(struct scope *s, struct db *db, int64_t run, bool *ret_holds);

/* Called for each group of accounts, in the order of their shares. credit lives in s. */
typedef enum rc compute_fn(
    struct scope *s, int64_t share, int64_t accounts, const struct credit *credit, void *arg);

/* The groups of a run whose working tables credit_run_begin (SQL) made, one after another, without
 * explanations; fn must not use db. Any result of fn but RC_OK ends it and is returned. */
enum rc compute_groups(struct scope *s, struct db *db, int64_t run, compute_fn *fn, void *arg);
