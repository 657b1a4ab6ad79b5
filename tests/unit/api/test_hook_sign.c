#include "api/signatures/hook_sign.h"

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

/* From the tests of Vonage's own Node SDK; the signature is the last. */
static const struct form vonage_inbound = {
    .at = {{"msisdn", "14843472194"}, {"to", "13239877404"}, {"messageId", "020000001B0FE827"},
        {"text", "Test again"}, {"type", "text"}, {"message-timestamp", "2013-11-21 15:27:30"},
        {"timestamp", "1385047698"},
        {"sig", "DDB8397C2B90AAC7F3882D306475C9A5058C92322EEF43C92B298B6E0FC0D330"}},
    .n = 8,
};
static const char vonage_secret[] = "my_secret_key_for_testing";
enum { VONAGE_TIME = 1385047698 };

static const struct {
    const char *name, *secret;
    int64_t now;
    const char *text, *sig, *timestamp; /* NULL: as it was sent */
    bool verifies;
} vonages[] = {
    {.name = "as their SDK signs", .secret = vonage_secret, .now = VONAGE_TIME, .verifies = true},
    {.name = "in lower case",
        .secret = vonage_secret,
        .now = VONAGE_TIME,
        .sig = "ddb8397c2b90aac7f3882d306475c9a5058c92322eef43c92b298b6e0fc0d330",
        .verifies = true},
    {.name = "what would split a value counts as _",
        .secret = vonage_secret,
        .now = VONAGE_TIME,
        .text = "Test=&again",
        .sig = "384ed66f54b4c9fe6a0f0fb45335b9d562e8a354f2df55b3476f4d8d23b97fa4",
        .verifies = true},
    {.name = "five minutes later",
        .secret = vonage_secret,
        .now = VONAGE_TIME + 300,
        .verifies = true},
    {.name = "later still", .secret = vonage_secret, .now = VONAGE_TIME + 301},
    {.name = "another time",
        .secret = vonage_secret,
        .now = VONAGE_TIME,
        .timestamp = "1385047699"},
    {.name = "another text", .secret = vonage_secret, .now = VONAGE_TIME, .text = "STOP"},
    {.name = "another secret", .secret = "my_secret_key", .now = VONAGE_TIME},
    {.name = "no secret", .secret = "", .now = VONAGE_TIME},
    {.name = "the md5hash of old",
        .secret = vonage_secret,
        .now = VONAGE_TIME,
        .sig = "d2e7b1dc968737c5998ad624e02f90b7"},
    {.name = "a signature that is no hex", .secret = vonage_secret, .now = VONAGE_TIME, .sig = "x"},
    {.name = "an empty signature", .secret = vonage_secret, .now = VONAGE_TIME, .sig = ""},
};

static void replace(struct form *form, const char *name, const char *value)
{
    for (size_t i = 0; value && i < form->n; i++)
        if (!strcmp(form->at[i].name, name))
            form->at[i].value = value;
}

static void check_vonage(void)
{
    for (size_t i = 0; i < sizeof vonages / sizeof vonages[0]; i++) {
        struct form sent = vonage_inbound;
        replace(&sent, "text", vonages[i].text);
        replace(&sent, "sig", vonages[i].sig);
        replace(&sent, "timestamp", vonages[i].timestamp);
        ok(hook_vonage_verifies(vonages[i].secret, &sent, vonages[i].now) == vonages[i].verifies,
            "Vonage: %s", vonages[i].name);
    }
    struct form none = vonage_inbound;
    none.n--;
    ok(!hook_vonage_verifies(vonage_secret, &none, VONAGE_TIME), "Vonage: no signature");
}

int main(void)
{
    check_vonage();
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
