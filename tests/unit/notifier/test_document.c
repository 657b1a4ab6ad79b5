#include "notifier/http/document.h"

#include "messages/channels.h"
#include "messages/channel.h"
#include "messages/segments.h"
#include "tests/unit/tap.h"

static void test_segments(void)
{
    static const struct {
        const char *name, *unit;
        int times;
        const char *tail;
        bool gsm7;
        int units, segments;
    } rows[] = {
        {"nothing", "", 0, "", true, 0, 0},
        {"160 septets", "a", 160, "", true, 160, 1},
        {"161 septets", "a", 161, "", true, 161, 2},
        {"306 septets", "a", 306, "", true, 306, 2},
        {"307 septets", "a", 307, "", true, 307, 3},
        {"80 euro signs", "€", 80, "", true, 160, 1},
        {"81 euro signs", "€", 81, "", true, 162, 2},
        {"an escape does not fit behind 152", "a", 152, "€aaaaaaaa", true, 162, 2},
        {"an escape pushed over makes a third", "€", 153, "", true, 306, 3},
        {"70 Cyrillic", "я", 70, "", false, 70, 1},
        {"71 Cyrillic", "я", 71, "", false, 71, 2},
        {"134 Cyrillic", "я", 134, "", false, 134, 2},
        {"135 Cyrillic", "я", 135, "", false, 135, 3},
        {"35 emoji", "😀", 35, "", false, 70, 1},
        {"36 emoji", "😀", 36, "", false, 72, 2},
        {"67 emoji: 33 a part", "😀", 67, "", false, 134, 3},
        {"German", "äöüßÄÖÜ", 1, "", true, 7, 1},
        {"Greek capitals", "ΔΦΓΛΩΠΨΣΘΞ", 1, "", true, 10, 1},
        {"extension table", "^{}\\[~]|", 1, "", true, 16, 1},
        {"back quote is not in GSM 7", "`", 1, "", false, 1, 1},
        {"c with cedilla is not, its capital is", "ç", 1, "Ç", false, 2, 1},
        {"broken UTF-8", "\xff\xc3", 1, "", false, 2, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        STRBUF(b, 10000);
        for (int n = 0; n < rows[i].times; n++)
            strbuf_addstr(&b, rows[i].unit);
        strbuf_addstr(&b, rows[i].tail);
        struct segments got = segments_count(b.buf);
        ok(got.gsm7 == rows[i].gsm7 && got.units == rows[i].units &&
                got.segments == rows[i].segments,
            "%s: %d units, %d segments", rows[i].name, got.units, got.segments);
    }
    is_int((int64_t)segments_prefix("aя😀b", 3), 7, "a prefix is counted in characters");
    is_int((int64_t)segments_prefix("ab", 3), 2, "a prefix may be all");
}

#define REPLY(code, text) \
    { \
        .status = (code), .sent = true, .body = (text), .len = sizeof(text) - 1 \
    }

/* A provider of SMS, or a channel. */
static const struct provider *load(struct scope *s, const char *name)
{
    const struct provider *provider = channel_document(channel_of(name));
    if (provider)
        return provider;
    enum rc rc = provider_load(s, name, &provider);
    ok(rc == RC_OK, "%s: %s", name, rc == RC_OK ? "a good document" : s->fault.message);
    return provider;
}

static const struct {
    const char *name, *provider;
    struct http_reply reply;
    enum outcome_state state;
    const char *reason, *reference;
} judged[] = {
    {"created", "twilio", REPLY(201, "{\"sid\":\"SM1\",\"status\":\"queued\"}"), OUTCOME_ACCEPTED,
        NULL, "SM1"},
    {"no sid", "twilio", REPLY(200, "{}"), OUTCOME_UNKNOWN, "unexpected_reply", ""},
    {"200, no JSON", "twilio", REPLY(200, "<html>"), OUTCOME_UNKNOWN, "unexpected_reply", ""},
    {"opt-out", "twilio", REPLY(400, "{\"code\":21610}"), OUTCOME_SUPPRESS, "opted_out", ""},
    {"invalid", "twilio", REPLY(400, "{\"code\":21211}"), OUTCOME_SUPPRESS, "invalid_number", ""},
    {"not mobile", "twilio", REPLY(400, "{\"code\":21614}"), OUTCOME_SUPPRESS, "invalid_number",
        ""},
    {"filtered", "twilio", REPLY(400, "{\"code\":30007}"), OUTCOME_FAILED, "filtered", ""},
    {"away", "twilio", REPLY(400, "{\"code\":30003}"), OUTCOME_RETRY, "unreachable", ""},
    {"token", "twilio", REPLY(401, "{\"code\":20003}"), OUTCOME_RETRY, "provider_refuses_us", ""},
    {"throttled", "twilio", REPLY(429, "{\"code\":20429}"), OUTCOME_RETRY, "throttled", ""},
    {"429 bare", "twilio", REPLY(429, ""), OUTCOME_RETRY, "throttled", ""},
    {"other code", "twilio", REPLY(400, "{\"code\":21602}"), OUTCOME_FAILED, "refused", ""},
    {"500", "twilio", REPLY(500, ""), OUTCOME_UNKNOWN, "unexpected_reply", ""},
    {"no connection", "twilio", {.status = 0}, OUTCOME_RETRY, "unreachable", ""},
    {"timeout", "twilio", {.sent = true}, OUTCOME_UNKNOWN, "no_reply", ""},
    {"status 0", "vonage", REPLY(200, "{\"messages\":[{\"status\":\"0\",\"message-id\":\"0A\"}]}"),
        OUTCOME_ACCEPTED, NULL, "0A"},
    {"200 and refused", "vonage", REPLY(200, "{\"messages\":[{\"status\":\"7\"}]}"),
        OUTCOME_SUPPRESS, "barred_number", ""},
    {"200 and throttled", "vonage", REPLY(200, "{\"messages\":[{\"status\":\"1\"}]}"),
        OUTCOME_RETRY, "throttled", ""},
    {"200 and a new code", "vonage", REPLY(200, "{\"messages\":[{\"status\":\"99\"}]}"),
        OUTCOME_FAILED, "refused", ""},
    {"200 and no message", "vonage", REPLY(200, "{\"messages\":[]}"), OUTCOME_UNKNOWN,
        "unexpected_reply", ""},
    {"202", "plivo", REPLY(202, "{\"message_uuid\":[\"u-1\"]}"), OUTCOME_ACCEPTED, NULL, "u-1"},
    {"401", "plivo", REPLY(401, "{\"error\":\"no\"}"), OUTCOME_RETRY, "provider_refuses_us", ""},
    {"201", "messagebird", REPLY(201, "{\"id\":\"m-1\"}"), OUTCOME_ACCEPTED, NULL, "m-1"},
    {"no balance", "messagebird", REPLY(422, "{\"errors\":[{\"code\":25}]}"), OUTCOME_RETRY,
        "no_credit", ""},
    {"200", "generic", REPLY(200, "{\"id\":17}"), OUTCOME_ACCEPTED, NULL, "17"},
    {"202", "teams", REPLY(202, ""), OUTCOME_ACCEPTED, NULL, ""},
    {"204", "discord", REPLY(204, ""), OUTCOME_ACCEPTED, NULL, ""},
    {"400", "teams", REPLY(400, ""), OUTCOME_FAILED, "refused", ""},
    {"413", "teams", REPLY(413, ""), OUTCOME_FAILED, "refused", ""},
    {"410", "teams", REPLY(410, ""), OUTCOME_DISABLE, "gone", ""},
    {"redirect", "teams", REPLY(301, ""), OUTCOME_FAILED, "refused", ""},
    {"502", "teams", REPLY(502, ""), OUTCOME_RETRY, "refused", ""},
    {"no reply from a chat", "teams", {.sent = true}, OUTCOME_RETRY, "no_reply", ""},
    {"private address", "teams", {.refused = true}, OUTCOME_FAILED, "forbidden_address", ""},
    {"200 and refused", "rocketchat", REPLY(200, "{\"success\":false,\"error\":\"x\"}"),
        OUTCOME_FAILED, "refused", ""},
    {"a deleted workflow", "teams",
        REPLY(400, "{\"error\":{\"code\":\"WorkflowTriggerIsNotEnabled\",\"message\":\"x\"}}"),
        OUTCOME_DISABLE, "workflow_off", ""},
    {"another schema", "teams", REPLY(400, "{\"error\":{\"code\":\"TriggerInputSchemaMismatch\"}}"),
        OUTCOME_FAILED, "refused", ""},
    {"a deleted hook, today", "rocketchat",
        REPLY(400, "{\"success\":false,\"error\":\"Invalid integration id or token provided.\"}"),
        OUTCOME_DISABLE, "gone", ""},
    {"its channel is gone", "rocketchat",
        REPLY(400, "{\"success\":false,\"error\":\"invalid-channel\"}"), OUTCOME_DISABLE,
        "channel_gone", ""},
    {"a hook that is switched off", "rocketchat",
        REPLY(503, "{\"success\":false,\"error\":\"Service Unavailable\"}"), OUTCOME_RETRY,
        "refused", ""},
    {"limited, as of old", "rocketchat",
        REPLY(400, "{\"success\":false,\"error\":\"Error, too many requests. You must wait 55 "
                   "seconds before trying this endpoint again. [error-too-many-requests]\"}"),
        OUTCOME_RETRY, "throttled", ""},
    {"a deleted hook", "mattermost",
        REPLY(400, "{\"id\":\"web.incoming_webhook.invalid.app_error\"}"), OUTCOME_DISABLE, "gone",
        ""},
    {"hooks switched off", "mattermost",
        REPLY(501, "{\"id\":\"web.incoming_webhook.disabled.app_error\"}"), OUTCOME_DISABLE,
        "hooks_disabled", ""},
    {"an archived channel", "mattermost",
        REPLY(400, "{\"id\":\"api.post.create_post.can_not_post_to_deleted.error\"}"),
        OUTCOME_DISABLE, "channel_gone", ""},
    {"a deleted channel", "mattermost",
        REPLY(404, "{\"id\":\"app.channel.get.existing.app_error\"}"), OUTCOME_DISABLE,
        "channel_gone", ""},
    {"muted", "telegram",
        REPLY(400, "{\"ok\":false,\"description\":\"Bad Request: have no rights to send a "
                   "message\"}"),
        OUTCOME_DISABLE, "bot_has_no_rights", ""},
    {"no administrator of a channel", "telegram",
        REPLY(400, "{\"ok\":false,\"description\":\"Bad Request: need administrator rights in the "
                   "channel chat\"}"),
        OUTCOME_DISABLE, "bot_has_no_rights", ""},
    {"may not write", "telegram",
        REPLY(400, "{\"ok\":false,\"description\":\"Bad Request: CHAT_WRITE_FORBIDDEN\"}"),
        OUTCOME_DISABLE, "bot_has_no_rights", ""},
    {"no such user", "telegram",
        REPLY(400, "{\"ok\":false,\"description\":\"Bad Request: PEER_ID_INVALID\"}"),
        OUTCOME_DISABLE, "chat_not_found", ""},
    {"too long", "telegram",
        REPLY(400, "{\"ok\":false,\"description\":\"Bad Request: message is too long\"}"),
        OUTCOME_FAILED, "refused", ""},
    {"a name that is not allowed", "ntfy", REPLY(400, "{\"code\":40010,\"http\":400}"),
        OUTCOME_DISABLE, "topic_invalid", ""},
    {"messages of the day are used up", "ntfy", REPLY(429, "{\"code\":42908,\"http\":429}"),
        OUTCOME_RETRY, "throttled", ""},
    {"a wrong key", "pagerduty",
        REPLY(400,
            "{\"status\":\"invalid event\",\"errors\":[\"Length of 'routing_key' is incorrect "
            "(should be 32 characters)\"]}"),
        OUTCOME_DISABLE, "key_unknown", ""},
    {"a switched off integration", "opsgenie", REPLY(401, "{\"message\":\"x\"}"), OUTCOME_DISABLE,
        "key_unknown", ""},
    {"not in the plan", "opsgenie", REPLY(402, "{\"message\":\"x\"}"), OUTCOME_DISABLE,
        "not_in_plan", ""},
    {"the end of the service", "opsgenie", REPLY(410, "{\"message\":\"x\"}"), OUTCOME_DISABLE,
        "gone", ""},
    {"a deleted webhook", "discord", REPLY(404, "{\"code\":10015}"), OUTCOME_DISABLE, "gone", ""},
    {"a wrong token", "discord", REPLY(401, "{\"code\":50027}"), OUTCOME_DISABLE, "gone", ""},
    {"a wrong form", "discord", REPLY(400, "{\"code\":50035}"), OUTCOME_FAILED, "refused", ""},
    {"not in the room", "matrix", REPLY(403, "{\"errcode\":\"M_FORBIDDEN\"}"), OUTCOME_DISABLE,
        "not_in_room", ""},
    {"named error", "generic", REPLY(422, "{\"error\":\"opted_out\"}"), OUTCOME_SUPPRESS,
        "opted_out", ""},
};

static void test_judge(void)
{
    for (size_t i = 0; i < sizeof judged / sizeof judged[0]; i++) {
        SCOPE(s);
        struct outcome o = document_classify(load(s, judged[i].provider), &judged[i].reply);
        is_int(o.state, judged[i].state, judged[i].name);
        is_text(o.reason, judged[i].reason, judged[i].name);
        is_text(o.reference, judged[i].reference, judged[i].name);
        ok(!o.pause || o.state == OUTCOME_RETRY, "only what is tried again rests the channel");
    }
}

static void test_pause(void)
{
    static const struct {
        const char *channel;
        struct http_reply reply;
        int64_t retry_after, rest; /* ms */
    } rows[] = {
        {"discord", REPLY(429, "{\"retry_after\": 1.5}"), 1500, 1500},
        {"discord", {.status = 204, .sent = true, .rest = 2000000}, 0, 2000},
        {"telegram", REPLY(429, "{\"ok\":false,\"parameters\":{\"retry_after\":35}}"), 35000,
            35000},
        {"matrix", REPLY(429, "{\"errcode\":\"M_LIMIT_EXCEEDED\",\"retry_after_ms\":2000}"), 2000,
            2000},
        {"teams", {.status = 429, .sent = true, .retry_after = 30000000, .rest = 2000}, 30000,
            30000},
        {"twilio", {.status = 429, .sent = true, .retry_after = 30000000}, 30000, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        SCOPE(s);
        struct outcome o = document_classify(load(s, rows[i].channel), &rows[i].reply);
        is_int(o.retry_after / 1000, rows[i].retry_after, rows[i].channel);
        is_int(o.rest / 1000, rows[i].rest, "and the endpoint rests");
    }
}

static void test_request(void)
{
    static const struct provider_message hostile = {
        .to = "+491512345678",
        .from = "+15005550006",
        .text = "Up & \"well\": 100 %\nü {{to}}",
        .unicode = true,
        .callback = "https://s.example/c?a=b",
        .account = "AC/1",
        .token = "t{{x}}",
    };
    static const struct {
        const char *provider, *url, *body, *header, *user;
    } rows[] = {
        {"twilio", "http://127.0.0.1:9/2010-04-01/Accounts/AC%2F1/Messages.json",
            "To=%2B491512345678&From=%2B15005550006&Body=Up%20%26%20%22well%22%3A%20100%20%25%0A"
            "%C3%BC%20%7B%7Bto%7D%7D&StatusCallback=https%3A%2F%2Fs.example%2Fc%3Fa%3Db",
            NULL, "AC/1"},
        {"vonage", "http://127.0.0.1:9/sms/json",
            "api_key=AC%2F1&api_secret=t%7B%7Bx%7D%7D&from=15005550006&to=491512345678&text=Up%20"
            "%26%20%22well%22%3A%20100%20%25%0A%C3%BC%20%7B%7Bto%7D%7D&type=unicode"
            "&callback=https%3A%2F%2Fs.example%2Fc%3Fa%3Db",
            NULL, NULL},
        {"plivo", "http://127.0.0.1:9/v1/Account/AC%2F1/Message/",
            "{\"src\":\"15005550006\",\"dst\":\"491512345678\",\"text\":\"Up & \\\"well\\\": 100 "
            "%\\nü {{to}}\",\"url\":\"https://s.example/c?a=b\",\"method\":\"POST\"}",
            NULL, "AC/1"},
        {"messagebird", "http://127.0.0.1:9/messages",
            "{\"originator\":\"15005550006\",\"recipients\":[\"491512345678\"],\"body\":\"Up & "
            "\\\"well\\\": 100 %\\nü {{to}}\",\"datacoding\":\"auto\",\"reference\":\"amends\","
            "\"reportUrl\":\"https://s.example/c?a=b\"}",
            "Authorization: AccessKey t{{x}}", NULL},
        {"generic", "http://127.0.0.1:9",
            "{\"to\":\"+491512345678\",\"from\":\"+15005550006\",\"text\":\"Up & \\\"well\\\": 100 "
            "%\\nü {{to}}\",\"callback\":\"https://s.example/c?a=b\"}",
            "Authorization: Bearer t{{x}}", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        SCOPE(s);
        struct provider_request r;
        enum rc rc =
            provider_request(s, load(s, rows[i].provider), "http://127.0.0.1:9/", &hostile, &r);
        is_int(rc, RC_OK, rows[i].provider);
        is_text(r.url, rows[i].url, "URL");
        is_text(r.body, rows[i].body, "body");
        is_text(r.headers.n ? r.headers.at[0] : NULL, rows[i].header, "header");
        is_text(r.user, rows[i].user, "user");
    }
    SCOPE(s);
    struct provider_request r;
    struct provider_message service = {
        .to = "+1", .from = "MG1", .text = "x", .account = "a", .token = "t"};
    provider_request(s, load(s, "twilio"), NULL, &service, &r);
    is_text(r.body, "To=%2B1&MessagingServiceSid=MG1&Body=x", "a service id, no callback");
    is_text(r.url, "https://api.twilio.com/2010-04-01/Accounts/a/Messages.json", "its own URL");
    service.token = "a\r\nX: y";
    ok(provider_request(s, load(s, "messagebird"), NULL, &service, &r) == RC_INVALID,
        "no line break gets into a header");
}

static void test_words(void)
{
    static const struct {
        const char *provider, *word, *state;
    } rows[] = {
        {"twilio", "sent", "accepted"},
        {"twilio", "delivered", "delivered"},
        {"twilio", "undelivered", "failed"},
        {"twilio", "nonsense", NULL},
        {"vonage", "expired", "failed"},
        {"plivo", "delivered", "delivered"},
        {"messagebird", "delivery_failed", "failed"},
        {"generic", "delivered", "delivered"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        SCOPE(s);
        is_text(
            provider_state(load(s, rows[i].provider), rows[i].word), rows[i].state, rows[i].word);
    }
}

int main(void)
{
    SCOPE(s);
    const struct provider *provider;
    ok(channels_use(s) == RC_OK, "the documents of channels are right");
    test_segments();
    test_judge();
    test_pause();
    test_request();
    test_words();
    is_int(provider_load(s, "nobody", &provider), RC_NOT_FOUND, "an unknown provider");
    is_int(provider_load(s, "/nonexistent/p.json", &provider), RC_NOT_FOUND, "no such file");
    return tap_end();
}
