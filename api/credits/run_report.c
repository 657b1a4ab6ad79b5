/* GET /v1/credit-runs/{id}/report, GET /v1/credit-runs/{id}/export, GET /v1/credits/ageing. */
#include <string.h>

#include "core/csv.h"
#include "api/credits/credits.h"
#include "api/credits/run.h"

SHAPE_STATIC(struct plan_total, plan_total_shape, "CreditPlanTotal",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(TEXT, plan, .required = true, .nullable = true, .doc = "Name of the plan."),
    FIELD(INT, credits, .required = true, .doc = "Number of credits."),
    FIELD(INT, amount_minor, .required = true, .doc = "Sum."));
SHAPE_STATIC(struct spread, spread_shape, "CreditDistribution",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, credits, .required = true, .doc = "Number of credits."),
    FIELD(INT, least, .required = true, .doc = "Smallest amount."),
    FIELD(INT, p10, .required = true, .doc = "10th percentile."),
    FIELD(INT, p50, .required = true, .doc = "Median."),
    FIELD(INT, p90, .required = true, .doc = "90th percentile."),
    FIELD(INT, p99, .required = true, .doc = "99th percentile."),
    FIELD(INT, most, .required = true, .doc = "Largest amount."));
SHAPE_STATIC(struct bar, bar_shape, "CreditHistogramStep",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, from_minor, .required = true, .doc = "From this amount."),
    FIELD(INT, to_minor, .required = true, .doc = "To below this amount."),
    FIELD(INT, credits, .required = true, .doc = "Number of credits."));
SHAPE_STATIC(struct large, large_shape, "LargeCredit",
    FIELD(TEXT, account, .required = true, .doc = "external_id."),
    FIELD(TEXT, name, .required = true, .doc = "Name of the account."),
    FIELD(TEXT, plan, .required = true, .nullable = true, .doc = "Name of the plan."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, amount_minor, .required = true, .doc = "Amount."));
SHAPE_STATIC(struct omitted, omitted_shape, "LeftOutAccounts",
    FIELD(TEXT, reason, .required = true,
        .doc = "terms_changed (it has credits for periods that its terms no longer have), "
               "no_price, not_affected, over_credited or nothing_owed."),
    FIELD(INT, accounts, .required = true, .doc = "Number of accounts."),
    FIELD(RAW, examples, .required = true, .form = FORM_TEXTS,
        .doc = "external_ids, at most twenty."));

SHAPE_EXTERN(struct report, run_report_shape, "CreditRunReport",
    FIELD(INT, run, .required = true, .doc = "The run."),
    FIELD(RAW, plans, .required = true, .form = FORM_LIST, .of = &plan_total_shape,
        .doc = "By plan."),
    FIELD(RAW, distribution, .required = true, .form = FORM_LIST, .of = &spread_shape,
        .doc = "In minor units, per currency."),
    FIELD(RAW, histogram, .required = true, .form = FORM_LIST, .of = &bar_shape,
        .doc = "The number of credits in [from, to); steps of 1, 2, 5, 10 ..."),
    FIELD(RAW, largest, .required = true, .form = FORM_LIST, .of = &large_shape,
        .doc = "Twenty per currency."),
    FIELD(RAW, left_out, .required = true, .form = FORM_LIST, .of = &omitted_shape,
        .doc = "Accounts without a credit, by reason."));

static const char *const formats[] = {"csv", "ndjson", NULL};
SHAPE_EXTERN(struct export_filter, run_export_filter_shape, "CreditRunExportFilter",
    FIELD(TEXT, format, .one_of = formats, .def = "csv", .doc = "csv or ndjson."));

SHAPE_STATIC(struct export_row, export_row_shape, "ExportedCredit", FIELD(INT, id),
    FIELD(TEXT, account), FIELD(TEXT, name), FIELD(TEXT, plan), FIELD(TEXT, policy),
    FIELD(INT, version), FIELD(TEXT, currency), FIELD(INT, exponent), FIELD(INT, amount_minor),
    FIELD(TEXT, state), FIELD(TEXT, reference), FIELD(RAW, lines));

SHAPE_STATIC(struct age, age_shape, "CreditAge",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, credits, .required = true, .doc = "Number of credits."),
    FIELD(INT, amount_minor, .required = true, .doc = "Sum."),
    FIELD(TIME, oldest_at, .required = true, .doc = "Issue of the oldest."),
    FIELD(INT, over_1_day, .required = true, .doc = "Older than that."),
    FIELD(INT, over_7_days, .required = true, .doc = "Older than that."),
    FIELD(INT, over_30_days, .required = true, .doc = "Older than that."));
SHAPE_STATIC(struct aged, aged_shape, "AgedCredit",
    FIELD(INT, credit, .required = true, .doc = "Id of the credit."),
    FIELD(TEXT, account, .required = true, .doc = "external_id."),
    FIELD(INT, run, .required = true, .doc = "Id of the run."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, amount_minor, .required = true, .doc = "Amount."),
    FIELD(TIME, issued_at, .required = true, .doc = "Time of issue."),
    FIELD(INT, days, .required = true, .doc = "Age in days."));

SHAPE_EXTERN(struct ageing, ageing_shape, "CreditAgeing",
    FIELD(RAW, totals, .required = true, .form = FORM_LIST, .of = &age_shape,
        .doc = "Of credits that billing has not acknowledged."),
    FIELD(RAW, oldest, .required = true, .form = FORM_LIST, .of = &aged_shape,
        .doc = "At most 100."));

STMT(run_report_read,
    "SELECT $1::bigint AS run, amends.credit_report_plans($1) AS plans,"
    " amends.credit_report_distribution($1) AS distribution,"
    " amends.credit_report_histogram($1) AS histogram,"
    " amends.credit_report_largest($1) AS largest, amends.credit_report_left_out($1) AS left_out",
    .row = &run_report_shape);
STMT(run_export_page,
    "SELECT c.id, a.external_id AS account, a.name, a.plan, p.name AS policy, p.version,"
    "  c.currency, c.exponent, c.amount_minor, c.state, k.reference,"
    "  (SELECT json_agg(json_build_object('period_from', l.period_from, 'period_to', l.period_to,"
    "     'amount_minor', l.amount_minor) ORDER BY l.period_from)"
    "     FROM credit_line l WHERE l.credit_id = c.id) AS lines"
    " FROM credit c JOIN account a ON a.id = c.account_id JOIN credit_run r ON r.id = c.run_id"
    "  JOIN policy p ON p.id = r.policy_id LEFT JOIN credit_ack k ON k.credit_id = c.id"
    " WHERE c.run_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3",
    .row = &export_row_shape);
STMT(credit_ageing_read,
    "SELECT amends.credit_ageing_totals() AS totals, amends.credit_ageing_oldest() AS oldest",
    .row = &ageing_shape);

static enum rc read_report(struct scope *s, struct db *db, void *arg)
{
    struct report *report = arg;
    TRY(db_unhurried(s, db));
    return db_one(s, db, &run_report_read, PARAMS(P_INT(report->run)), report);
}

enum rc run_report(struct call *c)
{
    struct report report;
    struct run run;
    TRY(call_id(c, 0, &report.run));
    TRY(run_read(c->s, c->db, report.run, &run));
    TRY(db_txn(c->s, c->db, read_report, &report));
    return reply_object(c, &report);
}

static void add_csv(struct scope *s, struct strbuf *b, const struct export_row *row)
{
    csv_add(b, scope_printf(s, "%lld", (long long)row->id), false);
    csv_add(b, row->account, false);
    csv_add(b, row->name, false);
    csv_add(b, row->plan, false);
    csv_add(b, row->policy, false);
    csv_add(b, scope_printf(s, "%lld", (long long)row->version), false);
    csv_add(b, row->currency, false);
    csv_add(b, scope_printf(s, "%lld", (long long)row->exponent), false);
    csv_add(b, scope_printf(s, "%lld", (long long)row->amount_minor), false);
    csv_add(b, row->state, false);
    csv_add(b, row->reference, true);
}

enum { EXPORT_PAGE = 1000 };

enum rc run_export(struct call *c)
{
    const struct export_filter *filter = c->query;
    struct strbuf *b = &c->reply.body;
    bool csv = !strcmp(filter->format, "csv");
    int64_t id;
    struct run run;
    TRY(call_id(c, 0, &id));
    TRY(run_read(c->s, c->db, id, &run));
    if (csv)
        strbuf_addstr(b, "credit,account,name,plan,policy,version,currency,exponent,amount_minor,"
                         "state,reference\r\n");
    for (int64_t after = 0;;) {
        SCOPE(s);
        struct list rows;
        enum rc rc = db_all(
            s, c->db, &run_export_page, PARAMS(P_INT(id), P_INT(after), P_INT(EXPORT_PAGE)), &rows);
        if (rc != RC_OK)
            return fail_from(c->s, s);
        const struct export_row *at = rows.at;
        for (size_t i = 0; i < rows.n && csv; i++)
            add_csv(s, b, &at[i]);
        for (size_t i = 0; i < rows.n && !csv; i++) {
            shape_print(b, &export_row_shape, &at[i]);
            strbuf_addch(b, '\n');
        }
        if (rows.n < EXPORT_PAGE)
            break;
        after = at[rows.n - 1].id;
    }
    c->reply.status = 200;
    c->reply.type = csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
    return RC_OK;
}

enum rc credit_ageing(struct call *c)
{
    struct ageing ageing;
    TRY(db_one(c->s, c->db, &credit_ageing_read, NO_PARAMS, &ageing));
    return reply_object(c, &ageing);
}
