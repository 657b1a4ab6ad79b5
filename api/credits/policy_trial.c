/* POST /v1/policies/dry-run: estimates the cost of a policy over past incidents. Creates the policy
 * and its run, computes it and rolls back. */
#include "api/call/lookup.h"
#include "api/credits/credits.h"
#include "billing/compute.h"
#include "billing/policy.h"
#include "core/db/locks.h"

SHAPE_STATIC(struct trial_period, trial_period_shape, "TrialPeriod",
    FIELD(TIME, from, .required = true, .doc = "Start of the period."),
    FIELD(TIME, to, .required = true, .doc = "End of the period, exclusive."));

struct trial {
    struct policy *policy;
    struct trial_period *period;
};
const struct shape policy_trial_shape = SHAPE("PolicyTrial", struct trial,
    FIELD(OBJECT, policy, .required = true, .of = &policy_shape, .doc = "The policy."),
    FIELD(OBJECT, period, .required = true, .of = &trial_period_shape,
        .doc = "The period: all incidents with impacts in it."));

SHAPE_STATIC(struct trial_total, trial_total_shape, "PolicyTrialTotal",
    FIELD(DATE, month, .required = true, .doc = "Start of the billing period."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(TEXT, plan, .required = true, .nullable = true, .doc = "Name of the plan."),
    FIELD(INT, credits, .required = true, .doc = "Number of credits."),
    FIELD(INT, amount_minor, .required = true, .doc = "Sum."));

SHAPE_EXTERN(struct trial_cost, policy_trial_cost_shape, "PolicyTrialCost",
    FIELD(INT, incidents, .required = true, .doc = "Number of incidents in the period."),
    FIELD(
        INT, accounts, .required = true, .doc = "Number of accounts that would receive a credit."),
    FIELD(RAW, totals, .required = true, .form = FORM_LIST, .of = &trial_total_shape,
        .doc = "By month and plan."));

STMT(trial_begin, "SELECT amends.policy_trial_begin($1::jsonb, $2, $3, $4) AS id", .row = &row_int);
STMT(trial_read,
    "SELECT (SELECT count(*) FROM credit_run_incident WHERE run_id = $1) AS incidents,"
    " (SELECT count(*) FROM credit WHERE run_id = $1) AS accounts,"
    " amends.policy_trial_totals($1) AS totals",
    .row = &policy_trial_cost_shape);

struct trying {
    struct call *c;
    const char *document;
    struct trial_cost cost;
};

static enum rc try_policy(struct scope *s, struct db *db, void *arg)
{
    struct trying *trying = arg;
    const struct trial *in = trying->c->body;
    int64_t run;
    int64_t *ids;
    TRY(db_unhurried(s, db));
    TRY(db_lock(s, db, LOCK_LEDGER, LOCK_SHARED));
    TRY(lookup_components(s, db, &in->policy->components, "policy.components[%zu]", &ids));
    TRY(db_one(s, db, &trial_begin,
        PARAMS(P_TEXT(trying->document), P_TIME(in->period->from), P_TIME(in->period->to),
            P_INT(trying->c->key->id)),
        &run));
    TRY(compute_draft(s, db, run));
    return db_one(s, db, &trial_read, PARAMS(P_INT(run)), &trying->cost);
}

enum rc policy_trial(struct call *c)
{
    const struct trial *in = c->body;
    if (in->period->to <= in->period->from)
        return fail_field(c->s, RC_INVALID, "period.to", "must be later than from");
    TRY(policy_check(c->s, in->policy));
    struct trying trying = {.c = c, .document = policy_document(c->s, in->policy)};
    TRY(db_rehearse(c->s, c->db, try_policy, &trying));
    return reply_object(c, &trying.cost);
}
