/* POST /v1/policies/example. */
#include <string.h>

#include "api/credits/credits.h"
#include "api/policies/policies.h"
#include "billing/words/example.h"
#include "core/json.h"
#include "core/money.h"

enum { MONTH_SECONDS = 2678400 };

static const char *const levels[] = {
    "degraded_performance", "partial_outage", "major_outage", NULL};

struct example_body {
    struct policy *policy;
    const char *currency, *level, *locale;
    int64_t price_minor, seconds;
};
const struct shape policy_example_shape = SHAPE("PolicyExample", struct example_body,
    FIELD(OBJECT, policy, .required = true, .of = &policy_shape, .doc = "The policy."),
    FIELD(TEXT, currency, .min = 3, .max = 3,
        .doc = "ISO 4217; default: one that the policy names, or that of most accounts."),
    FIELD(INT, price_minor, .min = 1, .max = INT64_C(1000000000000),
        .doc = "Price per month in minor units; default: 99.00."),
    FIELD(INT, seconds, .min = 1, .max = MONTH_SECONDS,
        .doc = "Length of the outage; default: the first of 13480 s, 1, 3 and 10 days that gives "
               "something."),
    FIELD(TEXT, level, .one_of = levels, .def = "major_outage", .doc = "Level of the impact."),
    FIELD(TEXT, locale, .min = 2, .max = 35, .def = "en", .doc = "Language of the sentence."));

const struct shape worked_example_shape = SHAPE("WorkedExample", struct example,
    FIELD(TEXT, component, .required = true, .doc = "Name of the affected component."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, price_minor, .required = true, .doc = "Price per month."),
    FIELD(TEXT, level, .required = true, .doc = "Level of the impact."),
    FIELD(TIME, from, .required = true, .doc = "Start of the impact."),
    FIELD(TIME, to, .required = true, .doc = "Its end."),
    FIELD(TEXT, text, .required = true, .doc = "The example in a sentence."),
    FIELD(TEXT, gets, .doc = "The amount as it says it; none: nothing."),
    FIELD(TEXT, credit_currency, .required = true,
        .doc = "The currency, or DAY: hundredths of a day of the term."),
    FIELD(INT, amount_minor, .required = true, .doc = "The credit; 0 if there is none."),
    FIELD(RAW, lines, .required = true, .form = FORM_LIST, .of = &working_shape,
        .doc = "Its calculation, as in the workings of a credit."));

SHAPE_STATIC(struct around, around_row, "Around", FIELD(TEXT, component), FIELD(TEXT, names),
    FIELD(TEXT, currency));

/* $1: the policy's components. */
STMT(example_around,
    "SELECT coalesce((SELECT name FROM component WHERE archived_at IS NULL"
    "   ORDER BY group_id NULLS FIRST, position, id LIMIT 1), 'API') AS component,"
    " coalesce((SELECT json_object_agg(slug, name) FROM component WHERE slug = ANY ($1)), '{}')"
    "   ::text AS names,"
    " CASE WHEN $2 THEN amends.usual_currency() END AS currency",
    .row = &around_row);

enum rc policy_example(struct call *c)
{
    const struct example_body *in = c->body;
    struct policy_words p = {.s = c->s, .locale = in->locale};
    struct around around;
    struct example example;
    json_t *document, *names;
    TRY(policy_body_lint(c->s, c, "/policy"));
    TRY(policy_check(c->s, in->policy));
    const char *text = policy_document(c->s, in->policy);
    TRY(json_parse(c->s, text, strlen(text), &document));
    const char *currency = in->currency ? in->currency : words_currency(document);
    if (currency && money_exponent(currency) < 0)
        return fail_field(c->s, RC_INVALID, "currency", "is not an ISO 4217 currency");
    TRY(db_one(c->s, c->db, &example_around,
        PARAMS(P_TEXTS(c->s, &in->policy->components), P_BOOL(!currency)), &around));
    TRY(json_parse(c->s, around.names, strlen(around.names), &names));
    p.document = document;
    p.names = names;
    struct example_ask ask = {.currency = currency ? currency : around.currency,
        .component = around.component,
        .level = in->level,
        .price_minor = in->price_minor == SHAPE_NONE ? 0 : in->price_minor,
        .seconds = in->seconds == SHAPE_NONE ? 0 : in->seconds};
    TRY(words_example(&p, &ask, &example));
    return reply_object(c, &example);
}
