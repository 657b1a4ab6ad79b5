#pragma once
/* Writes that ?dry_run=true rehearses: checked and answered as if made, then rolled back. */
#include "api/call/call.h"

extern const struct shape dry_run_shape; /* .query of such a route */

bool is_dry_run(const struct call *c);

/* Run fn in a transaction, which a dry run rolls back. */
enum rc dry_run_or_write(struct call *c, db_txn_fn *fn, void *arg);
