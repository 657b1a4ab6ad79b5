/* The small parts of the engine: exact numbers, dates, and what lint refuses. */
#include "billing/engine/number/calendar.h"
#include "billing/engine/policy/policy.h"
#include "billing/zones.h"
#include "core/json.h"
#include "tests/unit/tap.h"

static void check_numbers(void)
{
    SCOPE(s);
    static const struct {
        const char *text, *want; /* NULL: none */
    } rows[] = {{"12", "12/1"}, {"12.50", "25/2"}, {".5", "1/2"}, {"10/3", "10/3"},
        {"0.1/3", "1/30"}, {"", NULL}, {".", NULL}, {"-1", NULL}, {"1e3", NULL}, {"1/0", NULL},
        {"1/", NULL}, {"1/2/3", NULL}, {"12.", "12/1"}, {" 1", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mpq_srcptr q = NULL;
        is_text(rat_parse(s, rows[i].text, &q) ? rat_text(s, q) : NULL, rows[i].want, rows[i].text);
    }
    static const struct {
        int64_t num, den;
        const char *half_up, *half_even, *up, *decimal;
    } rounds[] = {{5, 2, "3/1", "2/1", "3/1", "2.5"}, {7, 2, "4/1", "4/1", "4/1", "3.5"},
        {10, 3, "3/1", "3/1", "4/1", "3.333"}, {0, 1, "0/1", "0/1", "0/1", "0"},
        {2999, 1000, "3/1", "3/1", "3/1", "2.999"}, {1, 1000, "0/1", "0/1", "1/1", "0.001"}};
    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
        mpq_srcptr q = rat_of(s, rounds[i].num, rounds[i].den);
        is_text(rat_text(s, rat_round(s, q, ROUND_HALF_UP)), rounds[i].half_up, "half_up");
        is_text(rat_text(s, rat_round(s, q, ROUND_HALF_EVEN)), rounds[i].half_even, "half_even");
        is_text(rat_text(s, rat_round(s, q, ROUND_UP)), rounds[i].up, "up");
        is_text(rat_decimal(s, q, 3), rounds[i].decimal, "decimal");
    }
}

static void check_dates(void)
{
    SCOPE(s);
    int64_t day = 0;
    ok(day_parse("2018-01-31", &day) && day == 17562, "2018-01-31");
    is_text(day_text(s, day_add_months(day, 1)), "2018-02-28", "a month later, clamped");
    is_text(day_text(s, day_add_months(day, 2)), "2018-03-31", "two months later");
    is_text(day_text(s, day_add_months(day, -11)), "2017-02-28", "eleven months before");
    is_text(day_text(s, day_add_months(day, 25)), "2020-02-29", "a leap day");
    is_text(day_text(s, day_block(day + 120, 3)), "2018-04-01", "the quarter's first date");
    is_text(day_text(s, day_block(day, 12)), "2018-01-01", "the year's first date");
    is_text(day_text(s, -719528), "0000-01-01", "a date long ago");
    is_int(day_weekday(day), 3, "a Wednesday");
    is_int(day_weekday(-1), 3, "31 December 1969, too");
    is_int(day_months_between(day, day + 365), 12, "months between");
    ok(!day_parse("2018-02-29", &day), "no date");
}

/* what: the field of the fault; "" if the policy is accepted. */
static const struct {
    const char *policy, *what;
} policies[] = {
    {"{'name': 'p', 'model': 'prorata'}", ""},
    {"{'name': 'p', 'model': 'prorata', 'tiers': []}", "tiers"},
    {"{'name': 'p', 'model': 'tiered'}", "tiers"},
    {"{'name': 'p', 'model': 'tiered', 'tiers': [{'uptime_below': '99', 'percent': '5'}],"
     " 'multiplier': '2'}",
        "multiplier"},
    {"{'name': 'p', 'model': 'tiered', 'tiers': [{'uptime_below': '99', 'percent': '5'},"
     " {'uptime_below': '99.9', 'percent': '10'}]}",
        "tiers[0]"},
    {"{'name': 'p', 'model': 'tiered', 'tiers': [{'down_from_seconds': 60, 'hours': '24'},"
     " {'down_from_seconds': 600, 'hours': '12'}]}",
        "tiers[1]"},
    {"{'name': 'p', 'model': 'tiered', 'tiers': [{'uptime_below': '99', 'days': '3'},"
     " {'uptime_below': '99.9', 'percent': '10'}]}",
        ""},
    {"{'name': 'p', 'model': 'tiered', 'tiers': [{'uptime_below': '99'}]}", "tiers[0].percent"},
    {"{'name': 'p', 'model': 'tiered', 'tiers': [{'percent': '5'}]}", "tiers[0].uptime_below"},
    {"{'name': 'p', 'model': 'prorata', 'weights_bp': {'partial_outage': 0, 'major_outage': 0}}",
        "weights_bp"},
    {"{'name': 'p', 'model': 'prorata', 'weights_bp': {'partial_outage': 9000, 'major_outage':"
     " 8000}}",
        "weights_bp.partial_outage"},
    {"{'name': 'p', 'model': 'prorata', 'weights_bp': {'degraded_performance': 6000}}",
        "weights_bp.degraded_performance"},
    {"{'name': 'p', 'model': 'prorata', 'cap_percent': '0'}", "cap_percent"},
    {"{'name': 'p', 'model': 'prorata', 'cap_percent': '50', 'caps': []}", "caps"},
    {"{'name': 'p', 'model': 'prorata', 'caps': []}", ""},
    {"{'name': 'p', 'model': 'prorata', 'caps': [{'percent': '0'}]}", "caps[0].percent"},
    {"{'name': 'p', 'model': 'prorata', 'caps': [{'percent': '5', 'days': '3'}]}",
        "caps[0].percent"},
    {"{'name': 'p', 'model': 'fixed', 'amounts': {'USD': 5}, 'caps': [{'percent': '5', 'per':"
     " 'incident'}]}",
        "caps[0]"},
    {"{'name': 'p', 'model': 'prorata', 'beyond': true}", "beyond"},
    {"{'name': 'p', 'model': 'prorata', 'beyond': true, 'below': '99.9'}", ""},
    {"{'name': 'p', 'model': 'prorata', 'beyond': true, 'below': '99.9', 'caps': [{'percent':"
     " '5', 'per': 'incident'}]}",
        "beyond"},
    {"{'name': 'p', 'model': 'steps', 'steps': [{'percent': '5'}], 'unit': 'local_date', 'beyond':"
     " true, 'below': '99.9'}",
        "beyond"},
    {"{'name': 'p', 'model': 'steps', 'steps': [{'percent': '5'}], 'unit_seconds': 60, 'per':"
     " 'incident', 'beyond': true, 'below': '99.9'}",
        "beyond"},
    {"{'name': 'p', 'model': 'steps', 'steps': [{'percent': '5'}]}", "unit_seconds"},
    {"{'name': 'p', 'model': 'steps', 'steps': [{'percent': '5'}, {'percent': '6'}],"
     " 'unit_seconds': 60}",
        "steps"},
    {"{'name': 'p', 'model': 'days', 'days': '1', 'per': 'affected_day', 'audience': 'all'}",
        "audience"},
    {"{'name': 'p', 'model': 'prorata', 'remedy': 'days', 'base': 'lines'}", "remedy"},
    {"{'name': 'p', 'model': 'prorata', 'measure': {'source': 'requests', 'interval_seconds':"
     " 300}}",
        "measure.source"},
    {"{'name': 'p', 'model': 'prorata', 'measure': {'count': 'whole'}}", "measure.quantum_seconds"},
    {"{'name': 'p', 'model': 'prorata', 'window': {'unit': 'billing', 'timezone': 'UTC'}}",
        "window.timezone"},
    {"{'name': 'p', 'model': 'prorata', 'window': {'unit': 'month', 'timezone': 'Mars/X'}}",
        "window.timezone"},
    {"{'name': 'p', 'model': 'prorata', 'grace': {'working_days': 2, 'calendar': {'weekend': [1,"
     " 2, 3, 4, 5, 6, 7]}}}",
        "grace.calendar.weekend"},
    {"{'name': 'p', 'model': 'prorata', 'grace': {'from': 'start'}}", "grace.seconds"},
    {"{'name': 'p', 'model': 'prorata', 'multiplier': 'ten'}", "multiplier"},
    {"{'name': 'p', 'model': 'prorata', 'multiplier': '10/3'}", ""},
    {"{'name': 'p', 'model': 'prorata', 'at_least': {'XXQ': 5}}", "at_least.XXQ"},
    {"{'name': 'p', 'model': 'prorata', 'colour': 'red'}", "colour"},
    {"{'name': 'p', 'model': 'prorata', 'caps': [{'days': '0'}]}", "caps[0].days"},
    {"{'name': 'p', 'model': 'prorata', 'caps': [{'amounts': {'USD': 0}}]}", "caps[0].amounts.USD"},
    {"{'name': 'p', 'model': 'steps', 'steps': [{'percent': '5'}], 'unit_seconds': 60, 'tiers': "
     "[]}",
        "tiers"},
    {"{'name': 'p', 'model': 'days', 'days': '1', 'at_least': {'USD': 5}}", "at_least"},
    {"{'name': 'p', 'model': 'fixed', 'amounts': {'USD': 5}, 'per': 'run'}", "per"},
    {"{'name': 'p', 'model': 'prorata', 'audience': 'all'}", "audience"},
    {"{'name': 'p', 'model': 'tiered', 'tiers': [{'uptime_below': '99', 'percent': '5'}],"
     " 'beyond': true, 'below': '99'}",
        "beyond"},
    {"{'name': 'p', 'model': 'prorata', 'claim': {'within_days': 30}}", "claim.required"},
    {"{'name': 'p', 'model': 'tiered', 'tiers': [{'uptime_below': '99', 'percent': '5'}],"
     " 'measure': {'source': 'requests', 'interval_seconds': 300}, 'grace': {'seconds': 60}}",
        "grace"},
    {"{'name': 'p', 'model': 'tiered', 'tiers': [{'uptime_below': '99', 'percent': '5'}],"
     " 'measure': {'source': 'requests', 'interval_seconds': 300, 'count': 'any',"
     " 'quantum_seconds': 60}}",
        "measure.count"},
    {"{'name': 'p', 'model': 'prorata', 'grace': {'seconds': 60, 'calendar': {'holidays':"
     " ['2026-12-25']}}}",
        "grace.calendar"},
};

static void check_policy(struct zones *zones, const char *quoted, const char *what)
{
    SCOPE(s);
    struct rule rule;
    json_t *json = NULL;
    char *text = scope_strdup(s, quoted);
    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    if (!ok(json_parse(s, text, strlen(text), &json) == RC_OK, "is JSON: %s", quoted))
        return;
    enum rc rc = rule_read(s, json, zones_find, zones, &rule);
    if (rc == RC_OK)
        rc = rule_lint(s, json, &rule);
    is_text(rc == RC_OK ? "" : s->fault.field ? s->fault.field : "-", what, quoted);
}

int main(void)
{
    struct zones *zones = zones_new();
    check_numbers();
    check_dates();
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        check_policy(zones, policies[i].policy, policies[i].what);
    zones_free(zones);
    return tap_end();
}
