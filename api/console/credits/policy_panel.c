#include "api/console/credits/policy_panel.h"

#include <stdlib.h>

#include "api/console/credits/credits.h"
#include "api/credits/credit_lines.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"

enum { DATE_LEN = 10, DAY = 24 * 3600, MINUTES_MAX = 44640 };
static const char *const levels[] = {
    "major_outage", "partial_outage", "degraded_performance", NULL};

static const char *typed(struct call *c, const char *name, const char *otherwise)
{
    return c->form ? form_text(c->form, name, otherwise) : otherwise;
}

/* The date of today, or of days_ago before it, in the zone of the person. */
static const char *day(struct call *c, int64_t days_ago)
{
    int64_t at = clock_now() - days_ago * DAY * CLOCK_SECOND;
    return scope_strndup(c->s, console_wall(c, clock_rfc3339(c->s, at)), DATE_LEN);
}

/* When that date begins there. */
static const char *first_instant(struct call *c, const char *date)
{
    return console_moment(c, scope_printf(c->s, "%sT00:00", date), "");
}

static void put_fields(struct call *c, json_t *context)
{
    static const char *const names[] = {"example_price", "example_currency", NULL};
    for (const char *const *name = names; *name; name++)
        json_object_set_new(context, *name, json_string(typed(c, *name, "")));
    json_object_set_new(context, "example_minutes", json_string(typed(c, "example_minutes", "")));
    json_object_set_new(context, "example_levels",
        console_choices(c, levels, "level", typed(c, "example_level", "major_outage")));
    json_object_set_new(context, "from", json_string(typed(c, "from", day(c, 365))));
    json_object_set_new(context, "to", json_string(typed(c, "to", day(c, -1))));
}

void policy_panel_empty(struct call *c, json_t *context)
{
    put_fields(c, context);
    json_object_set_new(context, "example", json_null());
    json_object_set_new(context, "cost", json_null());
    json_object_set_new(context, "cost_wrong", json_null());
}

/* The price and the currency of the example as typed; what is none is left to the default. */
static json_t *example_body(struct call *c, json_t *policy)
{
    const char *currency = typed(c, "example_currency", ""), *price = typed(c, "example_price", "");
    long minutes = strtol(typed(c, "example_minutes", ""), NULL, 10);
    json_t *body =
        json_own(c->s, json_pack("{s:O, s:s, s:s}", "policy", policy, "level",
                           typed(c, "example_level", "major_outage"), "locale", console_locale(c)));
    if (minutes > 0 && minutes <= MINUTES_MAX)
        json_object_set_new(body, "seconds", json_integer(minutes * 60));
    int64_t minor;
    SCOPE(inner);
    if (money_exponent(currency) < 0)
        return body;
    json_object_set_new(body, "currency", json_string(currency));
    if (money_parse(inner, price, currency, &minor) == RC_OK && minor > 0)
        json_object_set_new(body, "price_minor", json_integer(minor));
    return body;
}

static void put_example(struct call *c, json_t *context, json_t *reply)
{
    const char *currency = json_get_word(reply, "currency");
    json_object_set_new(reply, "lines",
        credit_lines(&(struct credit_lines){.s = c->s,
            .locale = console_locale(c),
            .currency = json_get_word(reply, "credit_currency"),
            .bare = true,
            .lines = json_text(c->s, json_object_get(reply, "lines"))}));
    json_object_set(context, "example", reply);
    json_object_set_new(context, "example_currency", json_string(currency));
    json_object_set_new(context, "example_price",
        json_string(money_amount(
            c->s, json_get_int(reply, "price_minor"), (int)json_get_int(reply, "exponent"))));
}

/* The totals of all months and plans, by currency. */
static json_t *by_currency(struct call *c, json_t *totals)
{
    json_t *sums = json_object(), *one, *list = json_array();
    const char *currency;
    size_t i;
    json_array_foreach(totals, i, one)
    {
        json_t *sum = json_object_get(sums, json_get_word(one, "currency"));
        json_int_t minor = json_get_int(one, "amount_minor"), n = json_get_int(one, "credits");
        json_object_set_new(sums, json_get_word(one, "currency"),
            json_pack("{s:s, s:I, s:I}", "currency", json_get_word(one, "currency"), "amount_minor",
                minor + json_get_int(sum, "amount_minor"), "credits",
                n + json_get_int(sum, "credits")));
    }
    json_object_foreach(sums, currency, one) json_array_append(list, one);
    json_decref(sums);
    console_money_all(c, list, "amount_minor", "amount");
    return list;
}

static void put_cost(struct call *c, json_t *context, json_t *reply)
{
    json_t *totals = json_object_get(reply, "totals");
    json_object_set_new(reply, "sums", by_currency(c, totals));
    console_money_all(c, totals, "amount_minor", "amount");
    json_object_set(context, "cost", reply);
}

/* The policy needs a name only when it is saved. */
static json_t *named(struct call *c, const json_t *document)
{
    json_t *policy = json_own(c->s, json_copy((json_t *)document));
    if (!*json_get_word(policy, "name"))
        json_object_set_new(policy, "name", json_string("preview"));
    return policy;
}

enum rc policy_panel(struct call *c, json_t *context, const json_t *document, json_t **ret_problem)
{
    json_t *policy = named(c, document), *reply, *cost;
    policy_panel_empty(c, context);
    int status = c->reply.status;
    if (!console_call(c, POST, "/v1/policies/example", example_body(c, policy), &reply)) {
        *ret_problem = reply;
        c->reply.status = status;
        return RC_OK;
    }
    put_example(c, context, reply);
    json_t *body = json_own(c->s, json_pack("{s:O, s:{s:s, s:s}}", "policy", policy, "period",
                                      "from", first_instant(c, json_get_word(context, "from")),
                                      "to", first_instant(c, json_get_word(context, "to"))));
    if (console_call(c, POST, "/v1/policies/dry-run", body, &cost))
        put_cost(c, context, cost);
    else
        json_object_set(context, "cost_wrong", json_object_get(cost, "detail"));
    c->reply.status = status;
    return RC_OK;
}
