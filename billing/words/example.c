#include "billing/words/example.h"

#include <string.h>

#include "billing/engine/engine.h"
#include "billing/engine/evidence/read.h"
#include "billing/engine/policy/policy.h"
#include "billing/words/say.h"
#include "billing/zones.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

enum { PRICE = 99, INTERVALS_MAX = 20000 };

static const char begins[] = "2026-03-10T10:07:30Z";
static const int64_t lengths[] = {13480, 86400, 3 * 86400, 10 * 86400};

struct sample {
    const struct policy_words *p;
    struct zones *zones;
    const char *currency, *component, *level;
    int64_t price, from, seconds;
    struct rule rule;
    struct credit credit;
    int64_t minor;
};

/* The first currency that an object of amounts names. */
static const char *named(const json_t *object)
{
    const char *currency;
    json_t *minor;
    json_object_foreach((json_t *)object, currency, minor)
    {
        if (strcmp(currency, "DAY") != 0)
            return currency;
    }
    return NULL;
}

const char *words_currency(const json_t *document)
{
    static const char *const rows[] = {"tiers", "steps", "caps"};
    const char *found = named(json_object_get(document, "amounts"));
    size_t k;
    json_t *row;
    for (size_t i = 0; !found && i < sizeof rows / sizeof rows[0]; i++)
        json_array_foreach(json_object_get(document, rows[i]), k, row) found =
            found ? found : named(json_object_get(row, "amounts"));
    return found ? found : named(json_object_get(document, "at_least"));
}

/* A price of 99.00, of 99.000, or of 9900 where there is no smaller unit. */
static int64_t price_in(const char *currency)
{
    int64_t price = PRICE;
    int digits = money_exponent(currency);
    for (int i = digits > 0 ? digits : 2; i > 0; i--)
        price *= 10;
    return price;
}

/* An account to which the policy applies. */
static json_t *account_of(const struct sample *e)
{
    const json_t *to = json_object_get(e->p->document, "applies"), *plans, *wanted;
    json_t *labels = json_object(), *value;
    const char *key;
    plans = json_object_get(to, "plans");
    wanted = json_object_get(to, "labels");
    json_object_foreach((json_t *)wanted, key, value)
        json_object_set(labels, key, json_is_array(value) ? json_array_get(value, 0) : value);
    return json_own(e->p->s,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:I}], s:[], s:s*, s:o}", "external_id", "a",
            "currency", e->currency, "timezone", "UTC", "interval", "month", "anchor", "2026-01-01",
            "prices", "from", "2026-01-01", "amount_minor", (json_int_t)e->price, "components",
            "plan", json_string_value(json_array_get(plans, 0)), "labels", labels));
}

/* Every request of the outage fails. */
static json_t *measurements(const struct sample *e)
{
    json_t *list = json_array();
    int64_t q = json_get_int(json_object_get(e->p->document, "measure"), "interval_seconds");
    for (int64_t at = 0; q && at < e->seconds && at / q < INTERVALS_MAX; at += q)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:i, s:i}", "component", e->component, "from",
                      clock_rfc3339(e->p->s, e->from + at * CLOCK_SECOND), "to",
                      clock_rfc3339(e->p->s, e->from + (at + q) * CLOCK_SECOND), "good", 0, "total",
                      100));
    return list;
}

static json_t *evidence_of(const struct sample *e)
{
    const char *end = clock_rfc3339(e->p->s, e->from + e->seconds * CLOCK_SECOND);
    json_t *incident = json_pack("{s:s, s:s, s:[{s:s, s:s, s:s, s:s}]}", "ref", "i", "reported_at",
        begins, "impacts", "component", e->component, "level", e->level, "from", begins, "to", end);
    json_t *claim = json_pack("{s:s, s:s, s:[s]}", "account", "a", "at", end, "incidents", "i");
    return json_own(e->p->s, json_pack("{s:[o], s:[o], s:o}", "incidents", incident, "claims",
                                 claim, "measurements", measurements(e)));
}

static enum rc rate(struct sample *e)
{
    struct account account;
    struct evidence evidence;
    struct held_lines none = {0};
    TRY(read_account(e->p->s, account_of(e), zones_find, e->zones, &account));
    TRY(read_evidence(e->p->s, evidence_of(e), 0, &evidence));
    TRY(engine_rate(e->p->s, &e->rule, &account, &evidence, &none, &e->credit));
    e->minor = 0;
    for (size_t i = 0; i < e->credit.n_lines; i++)
        e->minor += e->credit.lines[i].amount;
    return RC_OK;
}

/* The explanations of the lines, with what SQL adds to those that it stores. */
static enum rc lines_of(const struct sample *e, const char **ret)
{
    json_t *list = json_own(e->p->s, json_array()), *one;
    for (size_t i = 0; i < e->credit.n_lines; i++) {
        const struct credit_line *line = &e->credit.lines[i];
        TRY(json_parse(e->p->s, line->explain, strlen(line->explain), &one));
        json_object_set_new(one, "policy_version", json_integer(1));
        json_object_set_new(one, "earlier_minor", json_integer(0));
        json_object_set_new(one, "issued_minor", json_integer(0));
        json_object_set_new(one, "amount_minor", json_integer(line->amount));
        json_array_append(list, one);
    }
    *ret = json_text(e->p->s, list);
    return RC_OK;
}

static struct example told(const struct sample *e)
{
    const struct policy_words *p = e->p;
    json_t *amount = json_own(p->s, json_pack("{s:I}", e->credit.currency, (json_int_t)e->minor));
    const char *gets = amounts(p, amount);
    const char *text = say(p, e->minor ? "example" : "example_none",
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "price",
            money_local(p->s, e->price, e->currency, p->locale), "amount", gets, "component",
            field(p->names, e->component, e->component), "span",
            label_span(p->s, p->locale, e->seconds), "level",
            label_text(p->s, p->locale, "level", e->level)));
    return (struct example){.text = text,
        .gets = e->minor ? gets : NULL,
        .component = field(p->names, e->component, e->component),
        .level = e->level,
        .currency = e->currency,
        .exponent = money_exponent(e->currency),
        .price_minor = e->price,
        .from = e->from,
        .to = e->from + e->seconds * CLOCK_SECOND,
        .credit_currency = e->credit.currency,
        .amount_minor = e->minor};
}

static void zones_clear(struct zones **zones)
{
    zones_free(*zones);
}

/* As the policy and the question leave it open. */
static const char *chosen_currency(const json_t *document, const char *asked)
{
    const char *own = asked ? asked : words_currency(document);
    return own ? own : "USD";
}

enum rc words_example(
    const struct policy_words *p, const struct example_ask *ask, struct example *ret)
{
    CLEANUP(zones_clear) struct zones *zones = zones_new();
    const char *first =
        json_string_value(json_array_get(json_object_get(p->document, "components"), 0));
    const char *lines;
    struct sample e = {.p = p, .zones = zones};
    e.currency = chosen_currency(p->document, ask->currency);
    e.component = first ? first : ask->component;
    e.level = ask->level ? ask->level : "major_outage";
    e.price = ask->price_minor ? ask->price_minor : price_in(e.currency);
    clock_parse(begins, &e.from);
    TRY(rule_read(p->s, p->document, zones_find, zones, &e.rule));
    for (size_t i = 0; !e.minor && i < sizeof lengths / sizeof lengths[0]; i++) {
        e.seconds = ask->seconds ? ask->seconds : lengths[i];
        TRY(rate(&e));
    }
    TRY(lines_of(&e, &lines));
    *ret = told(&e);
    ret->lines = lines;
    return RC_OK;
}
