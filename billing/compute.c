#include "billing/compute.h"

STMT(compute_begin_draft, "SELECT amends.credit_run_draft($1)");
STMT(compute_begin, "SELECT amends.credit_run_begin($1)");
STMT(compute_finish, "SELECT amends.credit_run_finish($1)");
STMT(compute_forget, "SELECT amends.credit_run_forget()");
STMT(compute_moved, "SELECT amends.credit_run_moved($1) AS moved", .row = &row_bool);
STMT(compute_judge, "SELECT amends.credit_run_judge($1) AS holds", .row = &row_bool);

/* The lines of every group into the working tables. */
static enum rc answer(struct scope *s, struct db *db, int64_t run, bool explained)
{
    struct asked asked;
    TRY(batches_ask(s, db, run, explained, &asked));
    return batches_compute(s, db, &asked, NULL, NULL);
}

enum rc compute_draft(struct scope *s, struct db *db, int64_t run)
{
    TRY(db_do(s, db, &compute_begin_draft, PARAMS(P_INT(run)), NULL));
    TRY(answer(s, db, run, true));
    return db_do(s, db, &compute_finish, PARAMS(P_INT(run)), NULL);
}

enum rc compute_again(struct scope *s, struct db *db, int64_t run, bool *ret_holds)
{
    bool moved;
    *ret_holds = true;
    TRY(db_one(s, db, &compute_moved, PARAMS(P_INT(run)), &moved));
    if (!moved)
        return RC_OK;
    TRY(db_do(s, db, &compute_begin, PARAMS(P_INT(run)), NULL));
    TRY(answer(s, db, run, false));
    TRY(db_one(s, db, &compute_judge, PARAMS(P_INT(run)), ret_holds));
    return db_do(s, db, &compute_forget, NO_PARAMS, NULL);
}

enum rc compute_groups(struct scope *s, struct db *db, int64_t run, group_fn *fn, void *arg)
{
    struct asked asked;
    TRY(db_do(s, db, &compute_begin, PARAMS(P_INT(run)), NULL));
    TRY(batches_ask(s, db, run, false, &asked));
    TRY(batches_compute(s, db, &asked, fn, arg));
    return db_do(s, db, &compute_forget, NO_PARAMS, NULL);
}
