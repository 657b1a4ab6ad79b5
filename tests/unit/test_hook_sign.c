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

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ok(hook_twilio_verifies(rows[i].token, rows[i].url, rows[i].form, rows[i].given) ==
                rows[i].verifies,
            "%s", rows[i].name);
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        ok(hook_token_verifies(tokens[i].want, tokens[i].given) == tokens[i].verifies, "%s",
            tokens[i].name);
    return tap_end();
}
