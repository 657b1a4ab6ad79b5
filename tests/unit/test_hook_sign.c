#include "api/hook_sign.h"

#include "tests/unit/tap.h"

/* From Twilio's documentation of its request validation. */
static const struct form documented = {
    .at = {{"To", "+18005551212"}, {"CallSid", "CA1234567890ABCDE"}, {"From", "+12349013030"},
        {"Digits", "1234"}, {"Caller", "+12349013030"}},
    .n = 5,
};
static const struct form twice = {
    .at = {{"To", "+18005551212"}, {"CallSid", "CA1234567890ABCDE"}, {"From", "+12349013030"},
        {"Digits", "1234"}, {"Caller", "+12349013030"}, {"Digits", "1234"}},
    .n = 6,
};
static const struct form changed = {
    .at = {{"To", "+18005551212"}, {"CallSid", "CA1234567890ABCDE"}, {"From", "+12349013030"},
        {"Digits", "1235"}, {"Caller", "+12349013030"}},
    .n = 5,
};
static const char url[] = "https://mycompany.com/myapp.php?foo=1&bar=2";
static const char right[] = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=";

static const struct {
    const char *name, *token, *url;
    const struct form *form;
    const char *given;
    bool verifies;
} rows[] = {
    {"as documented", "12345", url, &documented, right, true},
    {"a repeated pair counts once", "12345", url, &twice, right, true},
    {"another value", "12345", url, &changed, right, false},
    {"another URL", "12345", "https://mycompany.com/myapp.php", &documented, right, false},
    {"another token", "12346", url, &documented, right, false},
    {"no token configured", "", url, &documented, right, false},
    {"no signature", "12345", url, &documented, NULL, false},
    {"an empty signature", "12345", url, &documented, "", false},
    {"a prefix of it", "12345", url, &documented, "0/KCTR6DLpKm", false},
};

static const struct {
    const char *name, *want, *given;
    bool verifies;
} tokens[] = {
    {"the same", "secret", "secret", true},
    {"another", "secret", "secreT", false},
    {"shorter", "secret", "secre", false},
    {"none given", "secret", NULL, false},
    {"none configured", "", "", false},
};

/* From Slack's documentation of its request signing. */
static const char slack_body[] =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%"
    "2F96rGlfmibIGl"
    "gcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
static const char slack_right[] =
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

static const struct {
    const char *name, *secret, *timestamp, *given;
    int64_t now;
    bool verifies;
} slacks[] = {
    {"as documented", "8f742231b10e8888abcd99yyyzzz85a5", "1531420618", slack_right, 1531420618,
        true},
    {"five minutes later", "8f742231b10e8888abcd99yyyzzz85a5", "1531420618", slack_right,
        1531420918, true},
    {"later still", "8f742231b10e8888abcd99yyyzzz85a5", "1531420618", slack_right, 1531420919,
        false},
    {"from the future", "8f742231b10e8888abcd99yyyzzz85a5", "1531420618", slack_right, 1531420317,
        false},
    {"another secret", "8f742231b10e8888abcd99yyyzzz85a6", "1531420618", slack_right, 1531420618,
        false},
    {"no secret", "", "1531420618", slack_right, 1531420618, false},
    {"no time", "8f742231b10e8888abcd99yyyzzz85a5", NULL, slack_right, 1531420618, false},
    {"another writing of the time", "8f742231b10e8888abcd99yyyzzz85a5", " 1531420618", slack_right,
        1531420618, false},
    {"no signature", "8f742231b10e8888abcd99yyyzzz85a5", "1531420618", NULL, 1531420618, false},
};

static void check_slack(void)
{
    for (size_t i = 0; i < sizeof slacks / sizeof slacks[0]; i++) {
        const struct hook_slack want = {.secret = slacks[i].secret,
            .timestamp = slacks[i].timestamp,
            .body = slack_body,
            .len = sizeof slack_body - 1};
        ok(hook_slack_verifies(&want, slacks[i].given, slacks[i].now) == slacks[i].verifies,
            "Slack: %s", slacks[i].name);
    }
}

int main(void)
{
    check_slack();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ok(hook_twilio_verifies(rows[i].token, rows[i].url, rows[i].form, rows[i].given) ==
                rows[i].verifies,
            "%s", rows[i].name);
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        ok(hook_token_verifies(tokens[i].want, tokens[i].given) == tokens[i].verifies, "%s",
            tokens[i].name);
    return tap_end();
}
