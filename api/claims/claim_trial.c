/* GET /v1/claims/{id}/trial: what a policy would give for a claim. Computes a run for its account
 * and incidents, and rolls back. */
#include "api/claims/claims.h"
#include "billing/compute.h"
#include "core/db/locks.h"

SHAPE_EXTERN(struct claim_trial_filter, claim_trial_filter_shape, "ClaimTrialFilter",
    FIELD(TEXT, policy, .required = true, .min = 1, .max = 100, .doc = "Name of a policy."));

SHAPE_STATIC(struct trial_line, trial_line_shape, "ClaimTrialLine",
    FIELD(DATE, from, .required = true, .doc = "First day of the window."),
    FIELD(DATE, to, .required = true, .doc = "Day after its last."),
    FIELD(INT, amount_minor, .required = true, .doc = "Amount in minor units."));
SHAPE_EXTERN(struct claim_given, claim_trial_shape, "ClaimTrial",
    FIELD(INT, claim, .required = true, .doc = "Id of the claim."),
    FIELD(TEXT, policy, .required = true, .doc = "Name of the policy."),
    FIELD(INT, version, .required = true, .doc = "Its newest version."),
    FIELD(INT, amount_minor, .required = true,
        .doc = "What a run would give now, less what earlier runs gave; 0: nothing."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217, or DAY."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(RAW, lines, .required = true, .form = FORM_LIST, .of = &trial_line_shape,
        .doc = "By window."));

STMT(claim_trial_begin, "SELECT coalesce(amends.claim_trial_begin($1, $2, $3), 0) AS id",
    .row = &row_int);
STMT(claim_trial_read,
    "SELECT k.id AS claim, p.name AS policy, p.version, coalesce(c.amount_minor, 0) AS "
    "amount_minor,"
    "   coalesce(c.currency, a.currency) AS currency, coalesce(c.exponent, a.exponent) AS exponent,"
    "   (SELECT coalesce(json_agg(json_build_object('from', l.period_from, 'to', l.period_to,"
    "     'amount_minor', l.amount_minor) ORDER BY l.period_from), '[]')"
    "     FROM credit_line l WHERE l.credit_id = c.id) AS lines"
    " FROM claim k JOIN account a ON a.id = k.account_id JOIN credit_run r ON r.id = $2"
    "   JOIN policy p ON p.id = r.policy_id"
    "   LEFT JOIN credit c ON c.run_id = r.id AND c.account_id = a.id WHERE k.id = $1",
    .row = &claim_trial_shape);

struct trying {
    struct call *c;
    int64_t id;
    struct claim_given row;
};

static enum rc try_policy(struct scope *s, struct db *db, void *arg)
{
    struct trying *trying = arg;
    const struct claim_trial_filter *in = trying->c->query;
    int64_t run;
    TRY(db_lock(s, db, LOCK_LEDGER, LOCK_SHARED));
    TRY(db_one(s, db, &claim_trial_begin,
        PARAMS(P_INT(trying->id), P_TEXT(in->policy), P_INT(trying->c->key->id)), &run));
    if (!run)
        return fail_field(s, RC_INVALID, "policy", "no policy \"%.100s\"", in->policy);
    TRY(compute_draft(s, db, run));
    return db_one(s, db, &claim_trial_read, PARAMS(P_INT(trying->id), P_INT(run)), &trying->row);
}

enum rc claim_trial(struct call *c)
{
    struct trying trying = {.c = c};
    struct customer_claim claim;
    TRY(call_id(c, 0, &trying.id));
    TRY(claim_read(c->s, c->db, trying.id, &claim));
    TRY(db_rehearse(c->s, c->db, try_policy, &trying));
    return reply_object(c, &trying.row);
}
