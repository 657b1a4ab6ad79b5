/* The panel of an incident's page with the estimate of what it costs. */
#include <stdlib.h>

#include "api/call/auth.h"
#include "api/console/console.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

static json_t *words(struct call *c, const char *name, json_t *values)
{
    const char *text = label_text(c->s, console_locale(c), "staff_incidents", name);
    return json_string(label_fill(c->s, text, json_own(c->s, values)));
}

/* "In 15 min" to each column of a forecast; the heads are those of the last sum. */
static void put_labels(struct call *c, json_t *sum, json_t *liability)
{
    json_t *heads = json_array(), *one;
    size_t i;
    json_array_foreach(json_object_get(sum, "forecast"), i, one)
    {
        json_t *label = words(c, "liability_in",
            json_pack("{s:o}", "minutes",
                json_string(scope_printf(c->s, "%lld", json_get_int(one, "minutes")))));
        json_object_set(one, "label", label);
        json_array_append_new(heads, label);
    }
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

/* Why an amount changes, of many accounts and of one. */
static const struct sentence {
    const char *many, *one;
} falls = {"liability_falls", "liability_falls_one"},
  reaches = {"liability_reaches", "liability_reaches_one"},
  counts = {"liability_units", "liability_units_one"},
  changes = {"liability_changes", "liability_changes_one"};

static const struct sentence *sentence_of(struct call *c, const json_t *one, json_t *values)
{
    const char *uptime = json_get_text(one, "uptime_below");
    const char *down = json_get_text(one, "down_from_seconds");
    const char *locale = console_locale(c);
    json_object_set(values, "units", json_object_get(one, "units"));
    if (uptime)
        json_object_set_new(values, "percent", json_string(decimal_local(c->s, uptime, locale)));
    if (down)
        json_object_set_new(
            values, "span", json_string(label_span(c->s, locale, strtoll(down, NULL, 10))));
    return uptime                             ? &falls
           : down                             ? &reaches
           : json_object_get(values, "units") ? &counts
                                              : &changes;
}

/* "412 accounts fall below 99.9 %: +12,400.00 EUR" */
static json_t *threshold_words(struct call *c, const json_t *one)
{
    int64_t accounts = json_get_int(one, "accounts"), minor = json_get_int(one, "amount_minor");
    const char *locale = console_locale(c);
    const char *amount = label_money(c->s, minor, json_get_text(one, "currency"), locale);
    json_t *values = json_pack("{s:I, s:s}", "accounts", (json_int_t)accounts, "amount",
        scope_printf(c->s, "%s%s", minor > 0 ? "+" : "", amount));
    const struct sentence *sentence = sentence_of(c, one, values);
    return words(c, accounts == 1 ? sentence->one : sentence->many, values);
}

/* "In 7 min"; seconds in the last minute. */
static json_t *within(struct call *c, const json_t *one)
{
    int64_t at, left = 0;
    if (clock_parse(json_get_word(one, "at"), &at))
        left = (at - clock_now()) / CLOCK_SECOND;
    left = left < 0 ? 0 : left < 60 ? left : (left + 59) / 60 * 60;
    const char *span = label_span(c->s, console_locale(c), left);
    return words(c, "liability_within", json_pack("{s:s}", "span", span));
}

static json_t *threshold(struct call *c, json_t *policy, json_t *one)
{
    return json_pack("{s:O, s:o, s:o, s:O}", "at", json_object_get(one, "at"), "within",
        within(c, one), "words", threshold_words(c, one), "policy",
        json_object_get(policy, "policy"));
}

enum rc console_put_liability(struct call *c, bool burns, json_t *context)
{
    json_t *liability, *policy, *one, *rows = json_array(), *next = json_array();
    size_t i, k;
    json_object_set_new(context, "liability", json_null());
    if (!auth_may(c->key, "credit-runs:read"))
        return RC_OK;
    TRY(console_get(c, console_incident_path(c, "/liability"), &liability));
    json_object_set_new(liability, "heads", json_array());
    json_object_set_new(liability, "again",
        json_boolean(json_is_true(json_object_get(liability, "open")) ||
                     (burns && !json_get_text(liability, "at"))));
    json_array_foreach(json_object_get(liability, "policies"), i, policy)
    {
        json_array_foreach(json_object_get(policy, "sums"), k, one)
        {
            put_labels(c, one, liability);
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
