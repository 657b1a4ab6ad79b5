/* The panel of an incident's page with the estimate of what it costs. */
#include "api/call/auth.h"
#include "api/console/console.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

static json_t *words(struct call *c, const char *name, json_t *values)
{
    const char *text = label_text(c->s, console_locale(c), "staff_incidents", name);
    return json_string(label_fill(c->s, text, json_own(c->s, values)));
}

/* The heads of the columns: those of the first sum that has a forecast. */
static void put_heads(struct call *c, json_t *sum, json_t *liability)
{
    json_t *heads = json_array(), *one;
    size_t i;
    json_array_foreach(json_object_get(sum, "forecast"), i, one) json_array_append_new(
        heads, words(c, "liability_in",
                   json_pack("{s:o}", "minutes",
                       json_string(scope_printf(c->s, "%lld", json_get_int(one, "minutes"))))));
    json_object_set_new(liability, "heads", heads);
}

static void add_sum(struct call *c, json_t *policy, json_t *sum, json_t *rows)
{
    json_t *one;
    size_t i;
    console_money(c, sum, "amount_minor", "amount");
    json_object_set(sum, "policy", json_object_get(policy, "policy"));
    json_array_foreach(json_object_get(sum, "forecast"), i, one)
    {
        json_object_set(one, "currency", json_object_get(sum, "currency"));
        console_money(c, one, "amount_minor", "amount");
    }
    json_array_append(rows, sum);
}

static json_t *threshold(struct call *c, json_t *policy, json_t *one)
{
    const char *amount = money_local(
        c->s, json_get_int(one, "amount_minor"), json_get_text(one, "currency"), console_locale(c));
    bool more = json_get_int(one, "amount_minor") > 0;
    return json_pack("{s:O, s:o}", "at", json_object_get(one, "at"), "words",
        words(c, "liability_threshold",
            json_pack("{s:s, s:s, s:s}", "accounts",
                scope_printf(c->s, "%lld", json_get_int(one, "accounts")), "amount",
                scope_printf(c->s, "%s%s", more ? "+" : "", amount), "policy",
                json_get_word(policy, "policy"))));
}

enum rc console_put_liability(struct call *c, json_t *context)
{
    json_t *liability, *policy, *one, *rows = json_array(), *next = json_array();
    size_t i, k;
    json_object_set_new(context, "liability", json_null());
    if (!auth_may(c->key, "credit-runs:read"))
        return RC_OK;
    TRY(console_get(c, console_incident_path(c, "/liability"), &liability));
    json_object_set_new(liability, "heads", json_array());
    json_array_foreach(json_object_get(liability, "policies"), i, policy)
    {
        json_array_foreach(json_object_get(policy, "sums"), k, one)
        {
            put_heads(c, one, liability);
            add_sum(c, policy, one, rows);
        }
        json_array_foreach(json_object_get(policy, "thresholds"), k, one)
            json_array_append_new(next, threshold(c, policy, one));
    }
    json_object_set_new(liability, "rows", rows);
    json_object_set_new(liability, "next", next);
    json_object_set(context, "liability", liability);
    return RC_OK;
}
