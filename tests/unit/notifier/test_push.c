/* Web push: headers of a message, outcomes of replies. */
#include "notifier/http/push.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"
#include "messages/facts.h"
#include "tests/unit/tap.h"

static const struct {
    const char *name;
    struct http_reply reply;
    enum outcome_state state;
    const char *reason;
} rows[] = {
    {"201", {.status = 201, .sent = true}, OUTCOME_ACCEPTED, NULL},
    {"202", {.status = 202, .sent = true}, OUTCOME_ACCEPTED, NULL},
    {"400", {.status = 400, .sent = true}, OUTCOME_FAILED, "refused"},
    {"401", {.status = 401, .sent = true}, OUTCOME_FAILED, "refused"},
    {"403", {.status = 403, .sent = true}, OUTCOME_FAILED, "refused"},
    {"404", {.status = 404, .sent = true}, OUTCOME_DISABLE, "gone"},
    {"410", {.status = 410, .sent = true}, OUTCOME_DISABLE, "gone"},
    {"413", {.status = 413, .sent = true}, OUTCOME_FAILED, "too_large"},
    {"429", {.status = 429, .sent = true, .retry_after = 30}, OUTCOME_RETRY, "throttled"},
    {"503", {.status = 503, .sent = true, .retry_after = 30}, OUTCOME_RETRY, "refused"},
    {"301", {.status = 301, .sent = true}, OUTCOME_FAILED, "refused"},
    {"no connection", {.status = 0}, OUTCOME_RETRY, "unreachable"},
    {"private address", {.refused = true}, OUTCOME_FAILED, "forbidden_address"},
};

static const struct {
    const char *name;
    enum kind kind;
    const char *level; /* of the component now */
    int64_t begins;    /* s from now, or 0 */
    int64_t ttl;
    const char *urgency;
    bool topic;
} headers[] = {
    {"an outage", KIND_UPDATE, "major_outage", 0, 86400, "high", true},
    {"a part", KIND_UPDATE, "partial_outage", 0, 86400, "high", true},
    {"slow", KIND_UPDATE, "degraded_performance", 0, 86400, "normal", true},
    {"resolved", KIND_UPDATE, NULL, 0, 86400, "normal", true},
    {"retracted", KIND_RETRACTION, NULL, 0, 86400, "normal", true},
    {"a reminder", KIND_REMINDER, "under_maintenance", 3600, 3600, "normal", true},
    {"a late reminder", KIND_REMINDER, "under_maintenance", -5, 60, "normal", true},
    {"an early reminder", KIND_REMINDER, NULL, 900000, 86400, "normal", true},
    {"a notice", KIND_NOTICE, NULL, 0, 86400, "normal", false},
    {"a digest", KIND_DIGEST, NULL, 0, 86400, "low", false},
};

static struct push_headers headers_of(
    struct scope *s, const struct sign *keys, size_t i, int64_t id)
{
    const int64_t now = 1800000000 * CLOCK_SECOND;
    struct facts_component component = {.level = headers[i].level};
    struct facts facts = {
        .components = {.at = &component, .n = 1},
        .incident = {.scheduled_from =
                         headers[i].begins ? now + headers[i].begins * CLOCK_SECOND : SHAPE_NONE},
    };
    struct broadcast b = {.kind = headers[i].kind, .incident_id = id, .facts = &facts};
    return push_headers_of(s, keys, &b, now);
}

int main(void)
{
    SCOPE(s);
    char dir[] = "/tmp/amends-test-push-XXXXXX";
    struct sign *keys;
    if (!mkdtemp(dir))
        return 1;
    const char *path = scope_printf(s, "%s/keys", dir);
    if (sign_load(s, path, true, &keys) != RC_OK)
        return 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o = push_classify(&rows[i].reply);
        is_int(o.state, rows[i].state, rows[i].name);
        is_text(o.reason, rows[i].reason, rows[i].name);
        is_int(o.retry_after, rows[i].reply.retry_after, "Retry-After is kept");
    }
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct push_headers got = headers_of(s, keys, i, 7);
        is_int(got.ttl, headers[i].ttl, headers[i].name);
        is_text(got.urgency, headers[i].urgency, headers[i].name);
        ok(!got.topic == !headers[i].topic, "a topic if it is of an incident");
        ok(!got.topic || strlen(got.topic) <= 32, "of at most 32 characters (RFC 8030 5.4)");
    }
    const char *topic = headers_of(s, keys, 0, 7).topic;
    is_text(headers_of(s, keys, 5, 7).topic, topic, "an incident has one topic");
    ok(strcmp(headers_of(s, keys, 0, 8).topic, topic) != 0, "another one another");
    sign_free(keys);
    unlink(path);
    rmdir(dir);
    return tap_end();
}
