/* GET /v1/credit-runs/{id}/reconcile: credits due under the current impacts compared with credits
 * issued. Computes the correcting run and rolls it back, so that a GET changes nothing. */
#include "api/credits/credits.h"
#include "api/credits/run.h"
#include "core/db/locks.h"

SHAPE_EXTERN(struct reconcile_filter, reconcile_filter_shape, "ReconcileFilter",
    FIELD(INT, limit, .min = 1, .max = 100000, .def = "1000",
        .doc = "Maximum accounts to list; the totals include all."));

SHAPE_EXTERN(struct reconciliation, reconciliation_shape, "Reconciliation",
    FIELD(INT, run, .required = true, .doc = "Id of the run."),
    FIELD(RAW, totals, .required = true,
        .doc = "[{currency, exponent, accounts, owed_minor, issued_minor, under_minor, over_minor,"
               " payable_minor}] of accounts with a difference."),
    FIELD(RAW, accounts, .required = true,
        .doc = "[{account, currency, exponent, policy, owed_minor, issued_minor,"
               " difference_minor, payable_minor, periods}], largest difference first."));

STMT(reconcile_compute, "SELECT amends.credit_run_compute($1)");
STMT(reconcile_read,
    "SELECT $1::bigint AS run, amends.credit_difference_totals($2) AS totals,"
    " amends.credit_difference_accounts($2, $3) AS accounts",
    .row = &reconciliation_shape);

struct looking {
    struct call *c;
    int64_t id;
    struct reconciliation found;
};

static enum rc look(struct scope *s, struct db *db, void *arg)
{
    struct looking *looking = arg;
    const struct reconcile_filter *filter = looking->c->query;
    int64_t made;
    TRY(db_unhurried(s, db));
    TRY(db_lock(s, db, LOCK_LEDGER, LOCK_SHARED));
    TRY(run_reconcile_begin(s, looking->c, db, looking->id, "a look", &made));
    TRY(db_do(s, db, &reconcile_compute, PARAMS(P_INT(made)), NULL));
    return db_one(s, db, &reconcile_read,
        PARAMS(P_INT(looking->id), P_INT(made), P_INT(filter->limit)), &looking->found);
}

enum rc run_reconcile(struct call *c)
{
    struct looking looking = {.c = c};
    TRY(call_id(c, 0, &looking.id));
    TRY(db_rehearse(c->s, c->db, look, &looking));
    return reply_object(c, &looking.found);
}
