#include "notifier/http/slack.h"

#include "notifier/handover/handover.h"
#include "tests/unit/tap.h"

#define REPLY(code, text) \
    { \
        .status = (code), .sent = true, .body = (text), .len = sizeof(text) - 1 \
    }
#define ERROR(name) REPLY(200, "{\"ok\":false,\"error\":\"" name "\"}")

static const struct {
    const char *name;
    struct http_reply reply;
    enum outcome_state state;
    const char *reason, *reference;
} rows[] = {
    {"posted", REPLY(200, "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"17.5\"}"), OUTCOME_ACCEPTED,
        NULL, "C1:17.5"},
    {"invalid_auth", ERROR("invalid_auth"), OUTCOME_DISABLE, "invalid_auth", ""},
    {"token_revoked", ERROR("token_revoked"), OUTCOME_DISABLE, "token_revoked", ""},
    {"account_inactive", ERROR("account_inactive"), OUTCOME_DISABLE, "account_inactive", ""},
    {"channel_not_found", ERROR("channel_not_found"), OUTCOME_DISABLE, "channel_not_found", ""},
    {"is_archived", ERROR("is_archived"), OUTCOME_DISABLE, "is_archived", ""},
    {"not_in_channel", ERROR("not_in_channel"), OUTCOME_DISABLE, "not_in_channel", ""},
    {"missing_scope", ERROR("missing_scope"), OUTCOME_DISABLE, "missing_scope", ""},
    {"restricted_action", ERROR("restricted_action"), OUTCOME_DISABLE, "restricted_action", ""},
    {"internal_error", ERROR("internal_error"), OUTCOME_UNKNOWN, "internal_error", ""},
    {"fatal_error", ERROR("fatal_error"), OUTCOME_UNKNOWN, "fatal_error", ""},
    {"ratelimited", ERROR("ratelimited"), OUTCOME_RETRY, "ratelimited", ""},
    {"invalid_blocks", ERROR("invalid_blocks"), OUTCOME_FAILED, "refused", ""},
    {"not JSON", REPLY(200, "ok"), OUTCOME_UNKNOWN, "unexpected_reply", ""},
    {"429", REPLY(429, ""), OUTCOME_RETRY, "throttled", ""},
    {"503", REPLY(503, ""), OUTCOME_RETRY, "refused", ""},
    {"302", REPLY(302, ""), OUTCOME_FAILED, "refused", ""},
    {"no connection", {.status = 0}, OUTCOME_RETRY, "unreachable", ""},
    {"no reply", {.sent = true}, OUTCOME_RETRY, "no_reply", ""},
    {"private address", {.refused = true}, OUTCOME_FAILED, "forbidden_address", ""},
};

static const struct {
    const char *name;
    enum slack_method method;
    const char *root;
    bool broadcast;
    const char *expected;
} bodies[] = {
    {"root", SLACK_POST, NULL, false, "{\"channel\":\"C1\",\"text\":\"x\"}"},
    {"reply", SLACK_POST, "C1:17.5", false,
        "{\"channel\":\"C1\",\"thread_ts\":\"17.5\",\"text\":\"x\"}"},
    {"reply on resolve", SLACK_POST, "C1:17.5", true,
        "{\"channel\":\"C1\",\"thread_ts\":\"17.5\",\"reply_broadcast\":true,\"text\":\"x\"}"},
    {"root kept current", SLACK_UPDATE, "C1:17.5", false,
        "{\"channel\":\"C1\",\"ts\":\"17.5\",\"text\":\"x\"}"},
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o = slack_bot_classify(&rows[i].reply);
        is_int(o.state, rows[i].state, rows[i].name);
        is_text(o.reason, rows[i].reason, rows[i].name);
        is_text(o.reference, rows[i].reference, rows[i].name);
    }
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        STRBUF(b, 1000);
        static const char message[] = "{\"text\":\"x\"}";
        slack_bot_body(&b, bodies[i].method, "slack://C1", bodies[i].root, bodies[i].broadcast,
            message, sizeof message - 1);
        is_text(b.buf, bodies[i].expected, bodies[i].name);
    }
    struct http_reply limited = {.status = 429, .sent = true, .retry_after = 30};
    is_int(slack_bot_classify(&limited).rest, 30, "a limited channel rests");
    ok(address_is_slack_bot("slack://C1") && !address_is_slack_bot("https://hooks.slack.com/x"),
        "addresses");
    return tap_end();
}
