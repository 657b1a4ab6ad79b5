#include "billing/run.h"

#include "core/crash_point.h"

static const struct shape step_shape = SHAPE("RunStep", struct run_step,
    FIELD(INT, id, .required = true), FIELD(TEXT, state, .required = true),
    FIELD(TEXT, failure, .max = 100000, .multiline = true), FIELD(INT, credits, .required = true));

/* The run is claimed until the end of the transaction. */
STMT(run_claim,
    "SELECT id FROM credit_run WHERE state IN ('computing', 'approved')"
    " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
    .row = &row_int);

STMT(run_take_step, "SELECT amends.credit_run_step($1)");

STMT(run_outcome,
    "SELECT id, state, failure, (SELECT count(*) FROM credit c WHERE c.run_id = r.id) AS credits"
    " FROM credit_run r WHERE id = $1",
    .row = &step_shape);

static enum rc claim_and_step(struct scope *s, struct db *db, void *arg)
{
    struct run_step *ret = arg;
    struct run_step step;
    int64_t id;
    TRY(db_unhurried(s, db)); /* a million accounts take longer than the session's timeout */
    TRY(db_one(s, db, &run_claim, NO_PARAMS, &id));
    crash_point("taken");
    TRY(db_do(s, db, &run_take_step, PARAMS(P_INT(id)), NULL));
    TRY(db_one(s, db, &run_outcome, PARAMS(P_INT(id)), &step));
    crash_point("written");
    *ret = step;
    return RC_OK;
}

enum rc run_next(struct scope *s, struct db *db, struct run_step *ret)
{
    TRY(db_txn(s, db, claim_and_step, ret));
    crash_point("committed");
    return RC_OK;
}
