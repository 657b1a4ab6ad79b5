#include "notifier/http/slack.h"

#include "tests/unit/tap.h"

#define REPLY(code, text) \
    { \
        .status = (code), .sent = true, .body = (text), .len = sizeof(text) - 1 \
    }

static const struct {
    const char *name;
    struct http_reply reply;
    enum outcome_state state;
    const char *reason;
} rows[] = {
    {"ok", REPLY(200, "ok"), OUTCOME_ACCEPTED, NULL},
    {"ok and a line end", REPLY(200, "ok\n"), OUTCOME_ACCEPTED, NULL},
    {"200 and something else", REPLY(200, "okay"), OUTCOME_FAILED, "unexpected_reply"},
    {"200 and nothing", REPLY(200, ""), OUTCOME_FAILED, "unexpected_reply"},
    {"invalid_payload", REPLY(400, "invalid_payload"), OUTCOME_FAILED, "refused"},
    {"no_service", REPLY(400, "no_service"), OUTCOME_DISABLE, "gone"},
    {"no_active_hooks", REPLY(400, "no_active_hooks"), OUTCOME_DISABLE, "gone"},
    {"invalid_token", REPLY(400, "invalid_token"), OUTCOME_DISABLE, "gone"},
    {"403", REPLY(403, "action_prohibited"), OUTCOME_DISABLE, "gone"},
    {"404", REPLY(404, ""), OUTCOME_DISABLE, "gone"},
    {"410", REPLY(410, "channel_is_archived"), OUTCOME_DISABLE, "gone"},
    {"429", REPLY(429, ""), OUTCOME_RETRY, "throttled"},
    {"500", REPLY(500, "rollup_error"), OUTCOME_RETRY, "refused"},
    {"302", REPLY(302, ""), OUTCOME_FAILED, "refused"},
    {"no connection", {.status = 0}, OUTCOME_RETRY, "unreachable"},
    {"no reply", {.sent = true}, OUTCOME_RETRY, "no_reply"},
    {"private address", {.refused = true}, OUTCOME_FAILED, "forbidden_address"},
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o = slack_classify(&rows[i].reply);
        is_int(o.state, rows[i].state, rows[i].name);
        is_text(o.reason, rows[i].reason, rows[i].name);
    }
    struct http_reply limit = {.status = 429, .sent = true, .retry_after = 30};
    is_int(slack_classify(&limit).retry_after, 30, "Retry-After is kept");
    return tap_end();
}
