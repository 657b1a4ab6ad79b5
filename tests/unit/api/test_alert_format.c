#include "api/alerts/alert_format.h"

#include "core/json.h"
#include "tests/unit/tap.h"

#define FORMAT \
    "{\"name\":\"t\",\"auth\":{\"type\":\"token\"},\"alerts\":\"/list\",\"fingerprint\":[\"/id\"," \
    "\"/key\"],\"status\":[\"/s\"],\"firing\":[\"down\"],\"resolved\":[\"up\"],\"starts_at\":[" \
    "\"/from\"],\"ends_at\":[\"/to\"],\"at\":[\"/at\"],\"labels\":[\"/labels\"],\"title\":[" \
    "\"/title\"]}"
#define ALERT(times, labels) \
    "{\"fingerprint\":\"1\",\"labels\":{" labels "},\"title\":\"1\",\"text\":\"\"" times "}"

/* Now is 1970-01-01T00:00:09Z. want: the alerts, or the field and reason of the refusal. */
static const struct {
    const char *name, *body, *want;
} rows[] = {
    {"an event that fires begins then", "{\"list\":[{\"id\":1,\"s\":\"down\",\"at\":5}]}",
        "[" ALERT(",\"starts_at\":\"1970-01-01T00:00:05Z\"", "") "]"},
    {"one that is resolved ends then", "{\"list\":[{\"id\":1,\"s\":\"UP\",\"at\":5000000000000}]}",
        "[" ALERT(",\"ends_at\":\"2128-06-11T08:53:20Z\"", "") "]"},
    {"without a time it is now", "{\"list\":{\"key\":\"1\",\"s\":\"down\"}}",
        "[" ALERT(",\"starts_at\":\"1970-01-01T00:00:09Z\"", "") "]"},
    {"a time without a zone is UTC",
        "{\"list\":[{\"id\":1,\"s\":\"down\",\"from\":\"1970-01-01 00:00:01.5\"}]}",
        "[" ALERT(",\"starts_at\":\"1970-01-01T00:00:01.500000Z\"", "") "]"},
    {"a zone may lack its colon, and digits beyond microseconds are cut",
        "{\"list\":[{\"id\":1,\"s\":\"down\",\"from\":\"1970-01-01T01:00:01.123456789+0100\"}]}",
        "[" ALERT(",\"starts_at\":\"1970-01-01T00:00:01.123456Z\"", "") "]"},
    {"the year 1 is no time",
        "{\"list\":[{\"id\":1,\"s\":\"down\",\"from\":3,\"to\":\"0001-01-01T00:00:00Z\"}]}",
        "[" ALERT(",\"starts_at\":\"1970-01-01T00:00:03Z\"", "") "]"},
    {"what ends when it begins lasts a millisecond",
        "{\"list\":[{\"id\":1,\"s\":\"up\",\"from\":3,\"to\":3}]}",
        "[" ALERT(",\"starts_at\":\"1970-01-01T00:00:03Z\",\"ends_at\":\"1970-01-01T00:00:03."
                  "001000Z\"",
            "") "]"},
    {"labels are tags", "{\"list\":[{\"id\":1,\"s\":\"down\",\"labels\":\"a:b:c, d\"}]}",
        "[" ALERT(",\"starts_at\":\"1970-01-01T00:00:09Z\"", "\"a\":\"b:c\",\"d\":\"true\"") "]"},
    {"or names and values",
        "{\"list\":[{\"id\":1,\"s\":\"down\",\"labels\":[{\"name\":\"a\",\"value\":2},{}]}]}",
        "[" ALERT(",\"starts_at\":\"1970-01-01T00:00:09Z\"", "\"a\":\"2\"") "]"},
    {"another status is ignored", "{\"list\":[{\"s\":\"acknowledged\"}]}", "[]"},
    {"no status", "{\"list\":[{\"id\":1}]}", "list/0/s: is missing"},
    {"no fingerprint", "{\"list\":[{\"s\":\"up\"}]}", "list/0/id: is missing"},
    {"no time", "{\"list\":[{\"id\":1,\"s\":\"up\",\"to\":\"soon\"}]}",
        "list/0/to: must be a time, not \"soon\""},
    {"no list", "{}", "list: is missing"},
    {"a list of texts", "{\"list\":\"x\"}", "list: must be an object or a list of them"},
    {"no object", "[]", "list: is missing"},
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        SCOPE(s);
        json_t *document = NULL, *body = NULL, *alerts = NULL;
        const struct alert_format *format = NULL;
        bool good = json_parse(s, FORMAT, strlen(FORMAT), &document) == RC_OK &&
                    alert_format_parse(s, document, &format) == RC_OK &&
                    json_parse(s, rows[i].body, strlen(rows[i].body), &body) == RC_OK;
        if (!ok(good, "a document"))
            continue;
        enum rc rc = alert_format_read(s, format, body, 9000000, &alerts);
        const char *got = rc == RC_OK ? json_text(s, alerts)
                                      : scope_printf(s, "%s: %s", s->fault.field, s->fault.message);
        is_text(got, rows[i].want, rows[i].name);
    }
    return tap_end();
}
