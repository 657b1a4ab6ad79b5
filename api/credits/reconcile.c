/* GET /v1/credit-runs/{id}/reconcile: credits due under the current impacts compared with credits
 * issued. Computes the correcting run and rolls it back, so that a GET changes nothing. */
#include "api/credits/credits.h"
#include "billing/compute.h"
#include "api/credits/run.h"
#include "core/db/locks.h"

SHAPE_EXTERN(struct reconcile_filter, reconcile_filter_shape, "ReconcileFilter",
    FIELD(INT, limit, .min = 1, .max = 100000, .def = "1000",
        .doc = "Maximum accounts to list; the totals include all."));

SHAPE_STATIC(struct difference_total, difference_total_shape, "DifferenceTotal",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, accounts, .required = true, .doc = "Accounts with a difference."),
    FIELD(INT, owed_minor, .required = true, .doc = "Owed under the current impacts."),
    FIELD(INT, issued_minor, .required = true, .doc = "Issued."),
    FIELD(INT, under_minor, .required = true, .nullable = true, .doc = "Credited too little."),
    FIELD(INT, over_minor, .required = true, .nullable = true, .doc = "Credited too much."),
    FIELD(INT, payable_minor, .required = true, .doc = "What a correcting run would pay."));
SHAPE_STATIC(struct difference_period, difference_period_shape, "DifferencePeriod",
    FIELD(DATE, period_from, .required = true, .doc = "First day of the period."),
    FIELD(INT, owed_minor, .required = true, .doc = "Owed."),
    FIELD(INT, issued_minor, .required = true, .doc = "Issued."),
    FIELD(INT, payable_minor, .required = true, .doc = "What a correcting run would pay."));
SHAPE_STATIC(struct difference, difference_shape, "AccountDifference",
    FIELD(TEXT, account, .required = true, .doc = "external_id."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(TEXT, policy, .required = true, .doc = "Name of the policy."),
    FIELD(INT, owed_minor, .required = true, .doc = "Owed."),
    FIELD(INT, issued_minor, .required = true, .doc = "Issued."),
    FIELD(INT, difference_minor, .required = true, .doc = "Owed less issued."),
    FIELD(INT, payable_minor, .required = true, .doc = "What a correcting run would pay."),
    FIELD(RAW, periods, .required = true, .form = FORM_LIST, .of = &difference_period_shape,
        .doc = "Per period."));

SHAPE_EXTERN(struct reconciliation, reconciliation_shape, "Reconciliation",
    FIELD(INT, run, .required = true, .doc = "Id of the run."),
    FIELD(RAW, totals, .required = true, .form = FORM_LIST, .of = &difference_total_shape,
        .doc = "Of accounts with a difference."),
    FIELD(RAW, accounts, .required = true, .form = FORM_LIST, .of = &difference_shape,
        .doc = "Largest difference first."));

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
    TRY(compute_draft(s, db, made));
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
