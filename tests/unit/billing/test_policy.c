/* Policy documents: parsing, refusals with their field, the stored form. */
#include "core/json.h"
#include "core/money.h"
#include "billing/policy.h"
#include "tests/unit/tap.h"

static const struct {
    const char *json;
    const char *field; /* of the error; NULL: the document is valid */
} documents[] = {
    {.json = "{'name':'two-days','model':'days','days':'2'}"},
    {.json = "{'name':'p','model':'prorata'}"},
    {.json =
            "{'name':'p','model':'prorata','cap_percent':'0','multiplier':'0.000000000000000001'}"},
    {.json = "{'name':'t','model':'tiered','tiers':[{'uptime_below':'100','percent':'1000'}]}"},
    {.json = "{'name':'f','model':'fixed','amounts':{'KWD':1500,'JPY':300}}"},
    {.json = "{'model':'prorata'}", .field = "name"},
    {.json = "{'name':'-p','model':'prorata'}", .field = "name"},
    {.json = "{'name':'a b','model':'prorata'}", .field = "name"},
    {.json = "{'name':'p'}", .field = "model"},
    {.json = "{'name':'p','model':'daily'}", .field = "model"},
    {.json = "{'name':'p','model':'prorata','color':1}", .field = "color"},
    {.json = "{'name':'p','model':'days'}", .field = "days"},
    {.json = "{'name':'p','model':'days','days':2}", .field = "days"},
    {.json = "{'name':'p','model':'days','days':'-1'}", .field = "days"},
    {.json = "{'name':'p','model':'days','days':'0.00'}", .field = "days"},
    {.json = "{'name':'p','model':'days','days':'366.01'}", .field = "days"},
    {.json = "{'name':'p','model':'days','days':'2','per':'week'}", .field = "per"},
    {.json = "{'name':'p','model':'prorata','multiplier':'ten'}", .field = "multiplier"},
    {.json = "{'name':'p','model':'prorata','multiplier':'1e3'}", .field = "multiplier"},
    {.json = "{'name':'p','model':'prorata','cap_percent':'1000.1'}", .field = "cap_percent"},
    {.json = "{'name':'p','model':'prorata','rounding':'down'}", .field = "rounding"},
    {.json = "{'name':'p','model':'prorata','audience':'most'}", .field = "audience"},
    {.json = "{'name':'p','model':'prorata','min_block_seconds':1.5}",
        .field = "min_block_seconds"},
    {.json = "{'name':'p','model':'prorata','maintenance_notice_hours':-1}",
        .field = "maintenance_notice_hours"},
    {.json = "{'name':'p','model':'prorata','min_credit_minor':-1}", .field = "min_credit_minor"},
    {.json = "{'name':'p','model':'prorata','weights_bp':{'major_outage':10001}}",
        .field = "weights_bp.major_outage"},
    {.json = "{'name':'p','model':'prorata','weights_bp':{'under_maintenance':1}}",
        .field = "weights_bp.under_maintenance"},
    {.json = "{'name':'p','model':'prorata','components':[7]}", .field = "components[0]"},
    {.json = "{'name':'p','model':'tiered'}", .field = "tiers"},
    {.json = "{'name':'p','model':'tiered','tiers':[{'uptime_below':'99','percent':'10'},"
             "{'uptime_below':'95','percent':'0'}]}",
        .field = "tiers[1].percent"},
    {.json = "{'name':'p','model':'tiered','tiers':[{'uptime_below':'100.1','percent':'10'}]}",
        .field = "tiers[0].uptime_below"},
    {.json = "{'name':'p','model':'fixed'}", .field = "amounts"},
    {.json = "{'name':'p','model':'fixed','amounts':[]}", .field = "amounts"},
    {.json = "{'name':'p','model':'fixed','amounts':{'XXX':1}}", .field = "amounts.XXX"},
    {.json = "{'name':'p','model':'fixed','amounts':{'USD':'5'}}", .field = "amounts.USD"},
    {.json = "{'name':'p','model':'fixed','amounts':{'USD':0}}", .field = "amounts.USD"},
};

static json_t *parse(struct scope *s, const char *text)
{
    char *json = scope_strdup(s, text);
    for (char *p = json; *p; p++) {
        if (*p == '\'')
            *p = '"';
    }
    json_t *ret = NULL;
    if (json_parse(s, json, strlen(json), &ret) != RC_OK)
        ok(false, "%s is JSON", json);
    return ret;
}

static void test_documents(void)
{
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        SCOPE(s);
        struct policy policy;
        enum rc rc = policy_read(s, parse(s, documents[i].json), &policy);
        ok(rc == (documents[i].field ? RC_INVALID : RC_OK), "%s", documents[i].json);
        if (rc != RC_OK)
            is_text(s->fault.field, documents[i].field, "the field is named");
    }
}

static void test_canonical(void)
{
    SCOPE(s);
    struct policy policy;
    char *first, *again;
    ok(policy_read(s,
           parse(s, "{'days':'2','model':'days','name':'x','weights_bp':"
                    "{'partial_outage':1}}"),
           &policy) == RC_OK,
        "a short document");
    first = policy_document(s, &policy);
    is_text(first,
        "{\"name\":\"x\",\"model\":\"days\",\"components\":[],\"weights_bp\":{"
        "\"degraded_performance\":0,\"partial_outage\":1,\"major_outage\":10000},"
        "\"exclude_maintenance\":true,\"maintenance_notice_hours\":0,\"min_block_seconds\":0,"
        "\"multiplier\":\"1\",\"tiers\":[],\"days\":\"2\",\"per\":\"run\",\"amounts\":{},"
        "\"audience\":\"affected\",\"cap_percent\":\"100\",\"rounding\":\"half_up\","
        "\"min_credit_minor\":1}",
        "its document is complete");
    ok(policy_read(s, parse(s, first), &policy) == RC_OK, "a complete document is read");
    again = policy_document(s, &policy);
    is_text(again, first, "and gives itself");
}

static const struct {
    int64_t minor;
    const char *currency;
    const char *text;
} amounts[] = {
    {.minor = 2900, .currency = "USD", .text = "29.00 USD"},
    {.minor = -5, .currency = "EUR", .text = "-0.05 EUR"},
    {.minor = 310, .currency = "JPY", .text = "310 JPY"},
    {.minor = 871, .currency = "KWD", .text = "0.871 KWD"},
    {.minor = INT64_MIN, .currency = "OMR", .text = "-9223372036854775.808 OMR"},
};

static void test_money(void)
{
    static const char *const unknown[] = {"XXX", "usd", "US", "USDX", "D U", "", NULL};
    SCOPE(s);
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
        is_text(
            money_text(s, amounts[i].minor, amounts[i].currency), amounts[i].text, amounts[i].text);
    for (size_t i = 0; unknown[i]; i++)
        is_int(money_exponent(unknown[i]), -1, "an unknown currency");
    static const struct {
        const char *text, *currency;
        int64_t minor; /* -1: refused */
    } parsed[] = {
        {"500", "EUR", 50000},
        {"0.05", "EUR", 5},
        {"1.5", "KWD", 1500},
        {"80000", "JPY", 80000},
        {"1.", "EUR", -1},
        {".5", "EUR", -1},
        {"-1", "EUR", -1},
        {"1.234", "EUR", -1},
        {"1.0", "JPY", -1},
        {"", "EUR", -1},
        {"1", "XXX", -1},
        {"99999999999999999999", "EUR", -1},
    };
    for (size_t i = 0; i < sizeof parsed / sizeof *parsed; i++) {
        int64_t minor = -1;
        enum rc rc = money_parse(s, parsed[i].text, parsed[i].currency, &minor);
        ok((rc == RC_OK) == (parsed[i].minor >= 0), "%s %s", parsed[i].text, parsed[i].currency);
        is_int(minor, parsed[i].minor, "in minor units");
    }
    is_int(money_exponent("BHD"), 3, "BHD");
    is_int(money_exponent("TND"), 3, "TND");
    is_int(money_exponent("JOD"), 3, "JOD");
}

int main(void)
{
    test_documents();
    test_canonical();
    test_money();
    return tap_end();
}
