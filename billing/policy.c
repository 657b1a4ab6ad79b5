#include "billing/policy.h"

#include <string.h>

#include "core/json.h"
#include "core/money.h"

static const char *const models[] = {"days", "prorata", "tiered", "fixed", NULL};
static const char *const pers[] = {"run", "incident", "affected_day", NULL};
static const char *const audiences[] = {"affected", "all", NULL};
static const char *const roundings[] = {"half_up", "half_even", "up", NULL};

static const struct shape tier_shape = SHAPE("PolicyTier", struct policy_tier,
    FIELD(
        DECIMAL, uptime_below, .required = true, .doc = "Uptime in percent, exclusive: \"99.9\"."),
    FIELD(DECIMAL, percent, .required = true, .doc = "Percent of the period's price."));

static const struct shape weights_shape = SHAPE("PolicyWeights", struct policy_weights,
    FIELD(INT, degraded_performance, .max = 10000, .def = "0", .doc = "Basis points."),
    FIELD(INT, partial_outage, .max = 10000, .def = "5000", .doc = "Basis points."),
    FIELD(INT, major_outage, .max = 10000, .def = "10000", .doc = "Basis points."));

const struct shape policy_shape = SHAPE("Policy", struct policy,
    FIELD(TEXT, name, .required = true, .max = 100, .doc = "Name by which runs refer to it."),
    FIELD(
        TEXT, model, .required = true, .one_of = models, .doc = "Model that computes the amount."),
    FIELD(TEXTS, components, .doc = "Slugs of the components that count; empty: all."),
    FIELD(OBJECT, weights_bp, .of = &weights_shape, .doc = "Weight per impact level."),
    FIELD(BOOL, exclude_maintenance, .def = "true",
        .doc = "Exclude time in announced maintenance of the component."),
    FIELD(INT, maintenance_notice_hours, .max = 8784, .def = "0",
        .doc = "Minimum notice before the start of maintenance."),
    FIELD(INT, min_block_seconds, .max = 31622400, .def = "0",
        .doc = "Exclude contiguous outages shorter than this."),
    FIELD(DECIMAL, multiplier, .def = "1", .doc = "prorata: factor on the price of the lost time."),
    FIELD(LIST, tiers, .of = &tier_shape, .max = 100, .doc = "tiered: credit per uptime tier."),
    FIELD(DECIMAL, days, .doc = "days: number of days credited."),
    FIELD(TEXT, per, .one_of = pers, .def = "run",
        .doc = "days: unit per which the days are credited."),
    FIELD(JSON, amounts, .form = FORM_INT_MAP, .doc = "fixed: minor units per currency."),
    FIELD(TEXT, audience, .one_of = audiences, .def = "affected",
        .doc = "days and fixed: only affected accounts, or all."),
    FIELD(DECIMAL, cap_percent, .def = "100",
        .doc = "Maximum percentage of the period's price, over all policies."),
    FIELD(TEXT, rounding, .one_of = roundings, .def = "half_up",
        .doc = "Rounding to whole minor units."),
    FIELD(INT, min_credit_minor, .max = 1000000000, .def = "1", .doc = "Omit smaller lines."));

/* Compare unsigned decimals, as accepted by shape_read: exact at any length. */
static int compare(const char *a, const char *b)
{
    a += strspn(a, "0");
    b += strspn(b, "0");
    size_t whole_a = strcspn(a, "."), whole_b = strcspn(b, ".");
    if (whole_a != whole_b)
        return whole_a < whole_b ? -1 : 1;
    int whole = strncmp(a, b, whole_a);
    if (whole)
        return whole < 0 ? -1 : 1;
    a += whole_a + (a[whole_a] == '.');
    b += whole_b + (b[whole_b] == '.');
    while (*a || *b) {
        char x = *a ? *a++ : '0', y = *b ? *b++ : '0';
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

/* over: exclusive lower bound; most: inclusive upper bound. */
static enum rc check_decimal(
    struct scope *s, const char *field, const char *text, const char *over, const char *most)
{
    if (*text == '-' || (over && compare(text, over) <= 0))
        return fail_field(s, RC_INVALID, field, "must be %s", over ? "above 0" : "0 or more");
    if (compare(text, most) > 0)
        return fail_field(s, RC_INVALID, field, "must be at most %s", most);
    return RC_OK;
}

static enum rc check_name(struct scope *s, const char *name)
{
    static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (!strchr(alnum, name[0]))
        return fail_field(s, RC_INVALID, "name", "must begin with a letter or digit");
    for (const char *p = name; *p; p++) {
        if (!strchr(alnum, *p) && !strchr("._-", *p))
            return fail_field(
                s, RC_INVALID, "name", "must consist of letters, digits, \".\", \"_\" and \"-\"");
    }
    return RC_OK;
}

static enum rc check_tiers(struct scope *s, const struct policy *policy)
{
    const struct policy_tier *tiers = policy->tiers.at;
    if (!strcmp(policy->model, "tiered") && !policy->tiers.n)
        return fail_field(s, RC_INVALID, "tiers", "is required if model is tiered");
    for (size_t i = 0; i < policy->tiers.n; i++) {
        const char *below = scope_printf(s, "tiers[%zu].uptime_below", i);
        const char *percent = scope_printf(s, "tiers[%zu].percent", i);
        TRY(check_decimal(s, below, tiers[i].uptime_below, "0", "100"));
        TRY(check_decimal(s, percent, tiers[i].percent, "0", "1000"));
    }
    return RC_OK;
}

static enum rc check_amounts(struct scope *s, const struct policy *policy)
{
    if (policy->amounts && !json_is_object(policy->amounts))
        return fail_field(s, RC_INVALID, "amounts", "must be an object");
    if (!strcmp(policy->model, "fixed") && !json_object_size(policy->amounts))
        return fail_field(s, RC_INVALID, "amounts", "is required if model is fixed");
    const char *currency;
    json_t *amount;
    json_object_foreach((json_t *)policy->amounts, currency, amount)
    {
        const char *field = scope_printf(s, "amounts.%s", currency);
        if (money_exponent(currency) < 0)
            return fail_field(s, RC_INVALID, field, "is not an ISO 4217 currency");
        if (!json_is_integer(amount))
            return fail_field(s, RC_INVALID, field, "must be an integer of minor units");
        if (json_integer_value(amount) < 1 || json_integer_value(amount) > 1000000000000)
            return fail_field(s, RC_INVALID, field, "must be between 1 and 1000000000000");
    }
    return RC_OK;
}

enum rc policy_check(struct scope *s, struct policy *policy)
{
    TRY(check_name(s, policy->name));
    if (!strcmp(policy->model, "days") && !policy->days)
        return fail_field(s, RC_INVALID, "days", "is required if model is days");
    if (policy->days)
        TRY(check_decimal(s, "days", policy->days, "0", "366"));
    TRY(check_decimal(s, "multiplier", policy->multiplier, "0", "1000000"));
    TRY(check_decimal(s, "cap_percent", policy->cap_percent, NULL, "1000"));
    TRY(check_tiers(s, policy));
    TRY(check_amounts(s, policy));
    if (!policy->weights_bp) {
        struct policy_weights *weights = SCOPE_NEW(s, struct policy_weights);
        shape_defaults(s, &weights_shape, weights);
        policy->weights_bp = weights;
    }
    return RC_OK;
}

enum rc policy_read(struct scope *s, const json_t *json, struct policy *ret)
{
    struct policy policy;
    TRY(shape_read(s, &policy_shape, json, &policy));
    TRY(policy_check(s, &policy));
    *ret = policy;
    return RC_OK;
}

char *policy_document(struct scope *s, const struct policy *policy)
{
    json_t *document = json_own(s, json_object());
    json_t *components = json_array();
    for (size_t i = 0; i < policy->components.n; i++)
        json_array_append_new(components, json_string(policy->components.at[i]));
    json_t *tiers = json_array();
    const struct policy_tier *tier = policy->tiers.at;
    for (size_t i = 0; i < policy->tiers.n; i++)
        json_array_append_new(tiers, json_pack("{s:s, s:s}", "uptime_below", tier[i].uptime_below,
                                         "percent", tier[i].percent));
    json_object_set_new(document, "name", json_string(policy->name));
    json_object_set_new(document, "model", json_string(policy->model));
    json_object_set_new(document, "components", components);
    json_object_set_new(document, "weights_bp",
        json_pack("{s:I, s:I, s:I}", "degraded_performance",
            (json_int_t)policy->weights_bp->degraded_performance, "partial_outage",
            (json_int_t)policy->weights_bp->partial_outage, "major_outage",
            (json_int_t)policy->weights_bp->major_outage));
    json_object_set_new(document, "exclude_maintenance", json_boolean(policy->exclude_maintenance));
    json_object_set_new(
        document, "maintenance_notice_hours", json_integer(policy->maintenance_notice_hours));
    json_object_set_new(document, "min_block_seconds", json_integer(policy->min_block_seconds));
    json_object_set_new(document, "multiplier", json_string(policy->multiplier));
    json_object_set_new(document, "tiers", tiers);
    if (policy->days)
        json_object_set_new(document, "days", json_string(policy->days));
    json_object_set_new(document, "per", json_string(policy->per));
    json_object_set_new(
        document, "amounts", policy->amounts ? json_deep_copy(policy->amounts) : json_object());
    json_object_set_new(document, "audience", json_string(policy->audience));
    json_object_set_new(document, "cap_percent", json_string(policy->cap_percent));
    json_object_set_new(document, "rounding", json_string(policy->rounding));
    json_object_set_new(document, "min_credit_minor", json_integer(policy->min_credit_minor));
    return json_text(s, document);
}
