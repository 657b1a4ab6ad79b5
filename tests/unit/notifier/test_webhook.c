#include "notifier/http/webhook.h"

#include <sodium.h>

#include "core/sign.h"
#include "tests/unit/tap.h"

static void test_signature(void)
{
    static const char known[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    static const struct {
        const char *name, *secret, *expected;
    } rows[] = {
        {"known answer", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", known},
        {"known answer with prefix", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", known},
        {"an old one that still signs", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw@1614265330", known},
        {"one that is over", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_AAAA@1614265329", known},
        {"a short key of v1a", "whsk_AAAA", NULL},
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
        struct outcome o = webhook_classify(&rows[i].reply);
        is_int(o.state, rows[i].state, rows[i].name);
        is_text(o.reason, rows[i].reason, rows[i].name);
        is_int(o.retry_after, rows[i].retry_after, rows[i].name);
    }
}

/* By libsodium itself, with a fixed seed. */
static void test_asymmetric(void)
{
    unsigned char seed[crypto_sign_SEEDBYTES] = {7}, open[32], key[64], mac[64];
    static const char body[] = "{}", text[] = "msg_1.5.{}";
    SCOPE(s);
    STRBUF(secret, 1000);
    STRBUF(b, 1000);
    crypto_sign_seed_keypair(open, key, seed);
    strbuf_addstr(&secret, "whsk_");
    sign_base64(&secret, key, sizeof key);
    is_int(webhook_sign(s, secret.buf, "msg_1", 5, body, 2, &b), RC_OK, "v1a signs");
    ok(!strncmp(b.buf, "v1a,", 4), "and says so");
    sodium_base642bin(
        mac, sizeof mac, b.buf + 4, b.len - 4, NULL, NULL, NULL, sodium_base64_VARIANT_ORIGINAL);
    is_int(crypto_sign_verify_detached(mac, (const unsigned char *)text, strlen(text), open), 0,
        "the public key verifies it");
}

static void test_echo(void)
{
    static const char request[] = "{\n  \"type\": \"challenge\",\n  \"token\": \"k1.abc\"\n}";
    struct http_reply right = {.status = 200, .body = "{\"token\":\"k1.abc\"}", .len = 18};
    struct http_reply wrong = {.status = 200, .body = "ok", .len = 2};
    struct http_reply nothing = {.status = 204};
    ok(webhook_echoes(request, &right), "the token comes back");
    ok(!webhook_echoes(request, &wrong), "something else does");
    ok(!webhook_echoes(request, &nothing), "nothing does");
    ok(!webhook_echoes("{}", &right), "there was no token");
}

int main(void)
{
    test_asymmetric();
    test_echo();
    test_signature();
    test_judge();
    return tap_end();
}
