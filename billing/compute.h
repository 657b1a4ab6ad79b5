#pragma once
/*
 * Compute the lines of a credit run, in the transaction of the caller: by billing/engine where its
 * policy, evidence or accounts say something that the functions of SQL do not know, else by those.
 */
#include "core/db/db.h"

/* Compute and write the draft of a run. RC_INVALID: it cannot be, with the reason. */
enum rc compute_draft(struct scope *s, struct db *db, int64_t run);

/* Whether the engine computes the run. */
enum rc compute_by_engine(struct scope *s, struct db *db, int64_t run, bool *ret);

/* Compute an approved run of the engine's again, if anything moved since its draft, and compare.
 * False: it would have other lines, and has failed. */
enum rc compute_again(struct scope *s, struct db *db, int64_t run, bool *ret_holds);
