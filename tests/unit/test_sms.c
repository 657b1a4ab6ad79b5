#include "notifier/sms.h"

#include "notifier/segments.h"
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

static void test_judge(void)
{
    static const struct {
        const char *name;
        struct http_reply reply;
        enum outcome_state state;
        const char *reason;
    } rows[] = {
        {"created", REPLY(201, "{\"sid\":\"SM1\",\"status\":\"queued\"}"), OUTCOME_ACCEPTED, NULL},
        {"no sid", REPLY(200, "{}"), OUTCOME_UNKNOWN, "unexpected_reply"},
        {"200, no JSON", REPLY(200, "<html>"), OUTCOME_UNKNOWN, "unexpected_reply"},
        {"opt-out", REPLY(400, "{\"code\":21610}"), OUTCOME_SUPPRESS, "opted_out"},
        {"invalid", REPLY(400, "{\"code\":21211}"), OUTCOME_SUPPRESS, "invalid_number"},
        {"not mobile", REPLY(400, "{\"code\":21614}"), OUTCOME_SUPPRESS, "invalid_number"},
        {"filtered", REPLY(400, "{\"code\":30007}"), OUTCOME_FAILED, "filtered"},
        {"handset away", REPLY(400, "{\"code\":30003}"), OUTCOME_RETRY, "unreachable"},
        {"token", REPLY(401, "{\"code\":20003}"), OUTCOME_RETRY, "provider_refuses_us"},
        {"throttled", REPLY(429, "{\"code\":20429}"), OUTCOME_RETRY, "throttled"},
        {"429 without body", REPLY(429, ""), OUTCOME_RETRY, "throttled"},
        {"other code", REPLY(400, "{\"code\":21602}"), OUTCOME_FAILED, "refused"},
        {"500", REPLY(500, ""), OUTCOME_UNKNOWN, "unexpected_reply"},
        {"no connection", {.status = 0}, OUTCOME_RETRY, "unreachable"},
        {"timeout", {.sent = true}, OUTCOME_UNKNOWN, "no_reply"},
    };
    const struct sms_provider *twilio = sms_provider("twilio");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o = sms_judge(twilio, &rows[i].reply);
        is_int(o.state, rows[i].state, rows[i].name);
        is_text(o.reason, rows[i].reason, rows[i].name);
    }
    is_text(sms_judge(twilio, &rows[0].reply).reference, "SM1", "the provider's id is kept");
    ok(sms_judge(twilio, &rows[8].reply).pause > 0, "a refused account rests the channel");
}

int main(void)
{
    SCOPE(s);
    STRBUF(b, 1000);
    test_segments();
    test_judge();
    ok(!sms_provider("nobody"), "an unknown provider");
    is_text(sms_url(s, sms_provider("twilio"), "http://127.0.0.1:9/", "AC/1"),
        "http://127.0.0.1:9/2010-04-01/Accounts/AC%2F1/Messages.json", "URL");
    sms_form(sms_provider("twilio"), "+15005550006", "+491512345678", "Up & well: 100 %\nü", &b);
    is_text(b.buf,
        "To=%2B491512345678&From=%2B15005550006&Body=Up%20%26%20well%3A%20100%20%25%0A%C3%BC",
        "form");
    return tap_end();
}
