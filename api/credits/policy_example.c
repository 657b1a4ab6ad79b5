/* POST /v1/policies/example. */
#include "api/credits/policy_example.h"

#include <string.h>
#include <time.h>

#include "api/call/lookup.h"
#include "api/credits/credits.h"
#include "billing/compute.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"

enum { USUAL_PRICE = 99, MONTH_SECONDS = 2678400, MARCH = 2, TENTH = 10 };

static const char *const levels[] = {
    "degraded_performance", "partial_outage", "major_outage", NULL};

struct example_body {
    struct policy *policy;
    const char *currency;
    int64_t price_minor;
    int64_t seconds;
    const char *level;
};
const struct shape policy_example_shape = SHAPE("PolicyExample", struct example_body,
    FIELD(OBJECT, policy, .required = true, .of = &policy_shape, .doc = "The policy."),
    FIELD(TEXT, currency, .min = 3, .max = 3,
        .doc = "ISO 4217; default: one that the policy names, or that of most accounts."),
    FIELD(INT, price_minor, .min = 1, .max = INT64_C(1000000000000),
        .doc = "Price per month in minor units; default: 99.00."),
    FIELD(INT, seconds, .min = 1, .max = MONTH_SECONDS, .def = "13440",
        .doc = "Length of the outage."),
    FIELD(TEXT, level, .one_of = levels, .def = "major_outage", .doc = "Level of the impact."));

const struct shape worked_example_shape = SHAPE("WorkedExample", struct example,
    FIELD(TEXT, component, .required = true, .doc = "Name of the affected component."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, price_minor, .required = true, .doc = "Price per month."),
    FIELD(TEXT, level, .required = true, .doc = "Level of the impact."),
    FIELD(TIME, from, .required = true, .doc = "Start of the impact."),
    FIELD(TIME, to, .required = true, .doc = "Its end."),
    FIELD(INT, amount_minor, .required = true, .doc = "The credit; 0 if there is none."),
    FIELD(RAW, lines, .required = true, .form = FORM_LIST, .of = &working_shape,
        .doc = "Its calculation, as in the workings of a credit."));

SHAPE_STATIC(struct worked, worked_row, "WorkedRow", FIELD(TEXT, component),
    FIELD(INT, amount_minor), FIELD(RAW, lines));

STMT(example_currency, "SELECT amends.usual_currency() AS word", .row = &row_text);
STMT(example_begin,
    "SELECT amends.policy_example_begin($1::jsonb, $2, $3, $4::integer, $5, $6, $7, $8) AS id",
    .row = &row_int);
STMT(example_read,
    "SELECT (SELECT k.name FROM credit_run_incident x JOIN impact m"
    "     ON m.revision_id = x.impact_revision_id JOIN component k ON k.id = m.component_id"
    "   WHERE x.run_id = $1) AS component,"
    " coalesce((SELECT sum(amount_minor)::bigint FROM credit WHERE run_id = $1), 0)"
    "   AS amount_minor,"
    " (SELECT coalesce(json_agg(amends.explain(l) ORDER BY l.period_from), '[]')"
    "    FROM credit_line l WHERE l.run_id = $1) AS lines",
    .row = &worked_row);

struct working_out {
    const struct example_ask *ask;
    struct example *example;
};

static enum rc work_out(struct scope *s, struct db *db, void *arg)
{
    const struct working_out *out = arg;
    struct example *example = out->example;
    struct worked row;
    int64_t run;
    TRY(db_one(s, db, &example_begin,
        PARAMS(P_TEXT(out->ask->document), P_INT(example->price_minor), P_TEXT(example->currency),
            P_INT(example->exponent), P_TEXT(example->level), P_TIME(example->from),
            P_INT(out->ask->seconds), P_INT(out->ask->key)),
        &run));
    TRY(compute_draft(s, db, run));
    TRY(db_one(s, db, &example_read, PARAMS(P_INT(run)), &row));
    example->component = row.component;
    example->amount_minor = row.amount_minor;
    example->lines = row.lines;
    return RC_OK;
}

/* 09:00 UTC on the last 10 March. */
static int64_t tenth_of_march(void)
{
    time_t now = (time_t)(clock_now() / CLOCK_SECOND);
    struct tm day;
    gmtime_r(&now, &day);
    bool past = day.tm_mon > MARCH || (day.tm_mon == MARCH && day.tm_mday > TENTH);
    struct tm start = {
        .tm_year = day.tm_year - !past, .tm_mon = MARCH, .tm_mday = TENTH, .tm_hour = 9};
    return (int64_t)timegm(&start) * CLOCK_SECOND;
}

/* A fixed amount is in some currencies only, so an example in another would show nothing. */
static enum rc choose_currency(
    struct scope *s, struct db *db, const char *document, const char **ret)
{
    json_t *policy;
    TRY(json_parse(s, document, strlen(document), &policy));
    json_t *amounts = json_object_get(policy, "amounts");
    TRY(db_one(s, db, &example_currency, NO_PARAMS, ret));
    if (json_object_size(amounts) && !json_object_get(amounts, *ret))
        *ret = json_object_iter_key(json_object_iter(amounts));
    return RC_OK;
}

enum rc policy_example_make(
    struct scope *s, struct db *db, const struct example_ask *ask, struct example *ret)
{
    struct example example = {.currency = ask->currency,
        .level = ask->level,
        .price_minor = ask->price_minor,
        .from = tenth_of_march()};
    if (!example.currency)
        TRY(choose_currency(s, db, ask->document, &example.currency));
    example.exponent = money_exponent(example.currency);
    if (example.exponent < 0)
        return fail_field(s, RC_INVALID, "currency", "is not an ISO 4217 currency");
    if (example.price_minor == SHAPE_NONE) {
        example.price_minor = USUAL_PRICE;
        for (int64_t i = 0; i < example.exponent; i++)
            example.price_minor *= 10;
    }
    example.to = example.from + ask->seconds * CLOCK_SECOND;
    TRY(db_rehearse(s, db, work_out, &(struct working_out){.ask = ask, .example = &example}));
    *ret = example;
    return RC_OK;
}

enum rc policy_example(struct call *c)
{
    const struct example_body *in = c->body;
    struct example example;
    TRY(policy_check(c->s, in->policy));
    struct example_ask ask = {.document = policy_document(c->s, in->policy),
        .currency = in->currency,
        .price_minor = in->price_minor,
        .seconds = in->seconds,
        .level = in->level,
        .key = c->key->id};
    TRY(policy_example_make(c->s, c->db, &ask, &example));
    return reply_object(c, &example);
}
