/* POST /v1/policies/dry-run: estimates the cost of a policy over past incidents, alone or beside
 * another. Creates the policy and its run, computes it and rolls back. */
#include <string.h>

#include "api/policies/policies.h"
#include "api/policies/policy_choice.h"
#include "billing/compute.h"
#include "core/db/locks.h"

enum { ROWS_MAX = 50000 };

SHAPE_STATIC(struct trial_period, trial_period_shape, "TrialPeriod",
    FIELD(TIME, from, .required = true, .doc = "Start of the period."),
    FIELD(TIME, to, .required = true, .doc = "End of the period, exclusive."));

static const struct shape choice_shape =
    SHAPE("PolicyChoice", struct policy_choice, POLICY_CHOICE_FIELDS());

struct trial {
    struct policy_choice chosen;
    struct policy_choice *against;
    struct trial_period *period;
    int64_t timeout_seconds;
};
const struct shape policy_trial_shape =
    SHAPE("PolicyTrial", struct trial, POLICY_CHOICE_FIELDS(chosen.),
        FIELD(OBJECT, against, .of = &choice_shape, .doc = "A second policy, to compare the cost."),
        FIELD(OBJECT, period, .required = true, .of = &trial_period_shape,
            .doc = "The period: all incidents with impacts in it."),
        FIELD(INT, timeout_seconds, .min = 1, .max = 3600, .def = "600",
            .doc = "Give up on a policy that takes longer to compute."));

SHAPE_STATIC(struct trial_total, trial_total_shape, "PolicyTrialTotal",
    FIELD(DATE, month, .required = true, .doc = "Start of the billing period."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(TEXT, plan, .required = true, .nullable = true, .doc = "Name of the plan."),
    FIELD(INT, credits, .required = true, .doc = "Number of credits."),
    FIELD(INT, amount_minor, .required = true, .doc = "Sum."));

SHAPE_STATIC(struct trial_sum, trial_sum_shape, "PolicyTrialSum",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, accounts, .required = true, .doc = "Number of accounts."),
    FIELD(INT, amount_minor, .required = true, .doc = "Sum."));

SHAPE_STATIC(struct compared_total, compared_total_shape, "PolicyComparisonTotal",
    FIELD(DATE, month, .required = true, .doc = "Start of the billing period."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(TEXT, plan, .required = true, .nullable = true, .doc = "Name of the plan."),
    FIELD(INT, credits, .required = true, .doc = "Number of credits under the policy."),
    FIELD(INT, amount_minor, .required = true, .doc = "Their sum."),
    FIELD(INT, against_credits, .required = true, .doc = "Number of credits under the other."),
    FIELD(INT, against_minor, .required = true, .doc = "Their sum."),
    FIELD(INT, difference_minor, .required = true, .doc = "amount_minor less against_minor."));

SHAPE_STATIC(struct compared_sum, compared_sum_shape, "PolicyComparisonSum",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, accounts, .required = true, .doc = "Number of accounts under the policy."),
    FIELD(INT, amount_minor, .required = true, .doc = "Their sum."),
    FIELD(INT, against_accounts, .required = true, .doc = "Number of accounts under the other."),
    FIELD(INT, against_minor, .required = true, .doc = "Their sum."),
    FIELD(INT, difference_minor, .required = true, .doc = "amount_minor less against_minor."));

SHAPE_STATIC(struct comparison, comparison_shape, "PolicyComparison",
    FIELD(INT, accounts, .required = true,
        .doc = "Number of accounts that would receive a credit under the other policy."),
    FIELD(RAW, totals, .required = true, .form = FORM_LIST, .of = &compared_total_shape,
        .doc = "Both by month and plan."),
    FIELD(RAW, sums, .required = true, .form = FORM_LIST, .of = &compared_sum_shape,
        .doc = "Both by currency."));

SHAPE_EXTERN(struct trial_cost, policy_trial_cost_shape, "PolicyTrialCost",
    FIELD(INT, incidents, .required = true, .doc = "Number of incidents in the period."),
    FIELD(
        INT, accounts, .required = true, .doc = "Number of accounts that would receive a credit."),
    FIELD(RAW, totals, .required = true, .form = FORM_LIST, .of = &trial_total_shape,
        .doc = "By month and plan."),
    FIELD(RAW, sums, .required = true, .form = FORM_LIST, .of = &trial_sum_shape,
        .doc = "By currency."),
    FIELD(RAW, comparison, .form = FORM_OBJECT, .of = &comparison_shape,
        .doc = "Beside the policy of against, where one was given."));

SHAPE_STATIC(struct trial_row, trial_row_shape, "TrialRow", FIELD(INT, incidents),
    FIELD(INT, accounts), FIELD(RAW, totals), FIELD(RAW, sums), FIELD(INT, rows));

/* Both policies are computed over the same incidents, whatever is written meanwhile. */
STMT(trial_steady, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
STMT(trial_limit, "SELECT set_config('statement_timeout', $1 || 's', true) AS word",
    .row = &row_text);
STMT(trial_begin, "SELECT amends.policy_trial_begin($1::jsonb, $2, $3, $4) AS id", .row = &row_int);
STMT(trial_read,
    "WITH t AS (SELECT amends.policy_trial_totals($1) AS totals)"
    " SELECT (SELECT count(*) FROM credit_run_incident WHERE run_id = $1) AS incidents,"
    " (SELECT count(*) FROM credit WHERE run_id = $1) AS accounts,"
    " amends.policy_trial_sums($1) AS sums, totals, json_array_length(totals) AS rows FROM t",
    .row = &trial_row_shape);
STMT(trial_compare,
    "SELECT json_build_object('accounts', $1::bigint,"
    " 'totals', amends.policy_trial_compare_totals($2::json, $3::json),"
    " 'sums', amends.policy_trial_compare_sums($4::json, $5::json)) AS word",
    .row = &row_text);

struct trying {
    struct call *c;
    const char *document;
    struct trial_row row;
};

static enum rc too_long(struct scope *s, int64_t seconds)
{
    return fail_field(s, RC_INVALID, "period",
        "takes longer than %lld seconds to compute; choose a shorter one or allow more",
        (long long)seconds);
}

static enum rc try_policy(struct scope *s, struct db *db, void *arg)
{
    struct trying *trying = arg;
    const struct trial *in = trying->c->body;
    int64_t run;
    TRY(db_one(s, db, &trial_begin,
        PARAMS(P_TEXT(trying->document), P_TIME(in->period->from), P_TIME(in->period->to),
            P_INT(trying->c->key->id)),
        &run));
    TRY(compute_draft(s, db, run));
    TRY(db_one(s, db, &trial_read, PARAMS(P_INT(run)), &trying->row));
    if (trying->row.rows > ROWS_MAX)
        return fail_field(s, RC_INVALID, "period",
            "gives more than %d rows of months and plans; choose a shorter one", ROWS_MAX);
    return RC_OK;
}

/* Leaves nothing behind for the next policy, in the same transaction. */
static enum rc try_chosen(struct scope *s, struct db *db, const struct policy_choice *choice,
    const char *path, struct trying *trying)
{
    const struct trial *in = trying->c->body;
    TRY(policy_choose(s, db, choice, path, &trying->document));
    enum rc rc = db_rehearse(s, db, try_policy, trying);
    /* statement_timeout: no other limit is meant by 503, "try again" */
    if (rc == RC_RETRY && s->fault.message && strstr(s->fault.message, "SQLSTATE 57014"))
        return too_long(s, in->timeout_seconds);
    return rc;
}

struct comparing {
    struct call *c;
    struct trial_cost cost;
};

static enum rc compare(struct scope *s, struct db *db, void *arg)
{
    struct comparing *comparing = arg;
    const struct trial *in = comparing->c->body;
    struct trying first = {.c = comparing->c}, other = first;
    TRY(db_do(s, db, &trial_steady, NO_PARAMS, NULL));
    TRY(db_unhurried(s, db));
    TRY(db_lock(s, db, LOCK_LEDGER, LOCK_SHARED));
    const char *seconds = scope_printf(s, "%lld", (long long)in->timeout_seconds);
    TRY(db_do(s, db, &trial_limit, PARAMS(P_TEXT(seconds)), NULL));
    TRY(try_chosen(s, db, &in->chosen, "", &first));
    comparing->cost = (struct trial_cost){.incidents = first.row.incidents,
        .accounts = first.row.accounts,
        .totals = first.row.totals,
        .sums = first.row.sums};
    if (!in->against)
        return RC_OK;
    TRY(try_chosen(s, db, in->against, "against.", &other));
    return db_one(s, db, &trial_compare,
        PARAMS(P_INT(other.row.accounts), P_TEXT(first.row.totals), P_TEXT(other.row.totals),
            P_TEXT(first.row.sums), P_TEXT(other.row.sums)),
        &comparing->cost.comparison);
}

enum rc policy_trial(struct call *c)
{
    const struct trial *in = c->body;
    if (in->period->to <= in->period->from)
        return fail_field(c->s, RC_INVALID, "period.to", "must be later than from");
    if (in->chosen.policy)
        TRY(policy_body_lint(c->s, c, "/policy"));
    if (in->against && in->against->policy)
        TRY(policy_body_lint(c->s, c, "/against/policy"));
    struct comparing comparing = {.c = c};
    TRY(db_rehearse(c->s, c->db, compare, &comparing));
    return reply_object(c, &comparing.cost);
}
