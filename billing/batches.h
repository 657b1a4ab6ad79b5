#pragma once
/*
 * Groups of accounts in batches: while a thread computes one, the database hands over the next and
 * takes the answers of the one before.
 */
#include "billing/answers.h"
#include "billing/engine/evidence/evidence.h"

/* What is asked: of all groups. */
struct asked {
    int64_t run, version;
    struct rule rule;
    struct evidence evidence;
};

/* Policy and evidence of a run whose working tables stand (credit_run_begin). */
enum rc batches_ask(struct scope *s, struct db *db, int64_t run, bool explained, struct asked *ret);

/* Called for each group, in the order of their shares, on any thread, but one at a time. credit
 * lives in s. */
typedef enum rc group_fn(
    struct scope *s, int64_t share, int64_t accounts, const struct credit *credit, void *arg);

/* Compute all groups: each is given to fn, or, where it is NULL, to the working tables. */
enum rc batches_compute(
    struct scope *s, struct db *db, const struct asked *asked, group_fn *fn, void *arg);
