#include "notifier/webhook.h"

#include "tests/unit/tap.h"

static void test_signature(void)
{
    static const char known[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    static const struct {
        const char *name, *secret, *expected;
    } rows[] = {
        {"known answer", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", known},
        {"known answer with prefix", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", known},
        {"not base64", "whsec_!!", NULL},
        {"empty after the prefix", "whsec_", NULL},
    };
    static const char body[] = "{\"test\": 2432232314}";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        SCOPE(s);
        STRBUF(b, 1000);
        enum rc rc = webhook_sign(
            s, rows[i].secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, strlen(body), &b);
        is_text(rc == RC_OK ? b.buf : NULL, rows[i].expected, rows[i].name);
    }
    SCOPE(s);
    STRBUF(b, 1000);
    webhook_sign(s, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, strlen(body), &b);
    is_text(b.buf, scope_printf(s, "%s %s", known, known), "two secrets while rotating");
}

static void test_judge(void)
{
    static const struct {
        const char *name;
        struct http_reply reply;
        enum outcome_state state;
        const char *reason;
        int64_t retry_after;
    } rows[] = {
        {"200", {.status = 200, .sent = true}, OUTCOME_ACCEPTED, NULL, 0},
        {"204", {.status = 204, .sent = true}, OUTCOME_ACCEPTED, NULL, 0},
        {"301", {.status = 301, .sent = true}, OUTCOME_RETRY, "redirected", 0},
        {"400", {.status = 400, .sent = true}, OUTCOME_RETRY, "refused", 0},
        {"410", {.status = 410, .sent = true}, OUTCOME_DISABLE, "gone", 0},
        {"429", {.status = 429, .sent = true, .retry_after = 7}, OUTCOME_RETRY, "throttled", 7},
        {"500 with Retry-After", {.status = 500, .sent = true, .retry_after = 7}, OUTCOME_RETRY,
            "refused", 0},
        {"504", {.status = 504, .sent = true, .retry_after = 9}, OUTCOME_RETRY, "throttled", 9},
        {"no connection", {.status = 0}, OUTCOME_RETRY, "unreachable", 0},
        {"no reply", {.status = 0, .sent = true}, OUTCOME_RETRY, "no_reply", 0},
        {"private address", {.refused = true}, OUTCOME_FAILED, "forbidden_address", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o = webhook_judge(&rows[i].reply);
        is_int(o.state, rows[i].state, rows[i].name);
        is_text(o.reason, rows[i].reason, rows[i].name);
        is_int(o.retry_after, rows[i].retry_after, rows[i].name);
    }
}

int main(void)
{
    test_signature();
    test_judge();
    return tap_end();
}
