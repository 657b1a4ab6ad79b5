#pragma once
/* One step of one credit run; see billing.h for the states. */
#include <stdint.h>

#include "core/db/db.h"
#include "core/sign.h"

struct run_step {
    int64_t id;
    const char *state;   /* after the step; owned by the scope */
    const char *failure; /* NULL unless state is failed */
    int64_t credits;
};

/* Claim the oldest waiting run that no other process has claimed, take its step and append it to
 * the ledger's chain, in one transaction of any length. A run is issued only if the chain has its
 * draft and its approval, and its rows are those of the draft. RC_NOT_FOUND if no run waits;
 * RC_RETRY if the database fails: the run then waits unchanged. */
enum rc run_next(struct scope *s, struct db *db, const struct sign *keys, struct run_step *ret);

/* Take the step of a run that the caller holds, without the chain: draw up its draft, or issue it
 * if it still holds. What fails is recorded on the run. */
enum rc run_step(struct scope *s, struct db *db, int64_t id);
