/* Teams and Discord: outcomes and limits. */
#include "notifier/http/chat.h"

#include "messages/limits.h"
#include "tests/unit/tap.h"

static const struct {
    const char *name;
    struct http_reply reply;
    enum outcome_state state;
    const char *reason;
} rows[] = {
    {"Teams 202", {.status = 202, .sent = true}, OUTCOME_ACCEPTED, NULL},
    {"Discord 204", {.status = 204, .sent = true}, OUTCOME_ACCEPTED, NULL},
    {"400", {.status = 400, .sent = true}, OUTCOME_FAILED, "refused"},
    {"401", {.status = 401, .sent = true}, OUTCOME_DISABLE, "gone"},
    {"403", {.status = 403, .sent = true}, OUTCOME_DISABLE, "gone"},
    {"404", {.status = 404, .sent = true}, OUTCOME_DISABLE, "gone"},
    {"410", {.status = 410, .sent = true}, OUTCOME_DISABLE, "gone"},
    {"413", {.status = 413, .sent = true}, OUTCOME_FAILED, "refused"},
    {"429", {.status = 429, .sent = true}, OUTCOME_RETRY, "throttled"},
    {"301", {.status = 301, .sent = true}, OUTCOME_FAILED, "refused"},
    {"502", {.status = 502, .sent = true}, OUTCOME_RETRY, "refused"},
    {"no connection", {.status = 0}, OUTCOME_RETRY, "unreachable"},
    {"no reply", {.sent = true}, OUTCOME_RETRY, "no_reply"},
    {"private address", {.refused = true}, OUTCOME_FAILED, "forbidden_address"},
};

static const struct cut {
    const char *name, *text;
    size_t chars;
    const char *expected;
} cuts[] = {
    {"short enough", "a &amp; b", 9, "a &amp; b"},
    {"between words", "one two", 4, "one ..."},
    {"inside of an entity", "a &amp; b", 5, "a ..."},
    {"behind an entity", "a &amp; b", 7, "a &amp;..."},
    {"inside of a link", "see <https://x.example|here> now", 20, "see ..."},
    {"behind a link", "see <https://x.example|here> now", 29, "see <https://x.example|here> ..."},
    {"characters, not octets", "äöü", 2, "äö..."},
};

static const struct cut markdown_cuts[] = {
    {"short enough", "a [b](c)", 8, "a [b](c)"},
    {"between words", "one two", 4, "one ..."},
    {"in the text of a link", "see [our page](https://x.example/) now", 9, "see ..."},
    {"in the target of a link", "see [our page](https://x.example/) now", 25, "see ..."},
    {"behind a link", "see [our page](https://x.example/) now", 34,
        "see [our page](https://x.example/)..."},
    {"brackets in a link", "[a [b] c](https://x.example/(1)) d", 30, "..."},
    {"an image", "see ![our page](https://x.example/) now", 25, "see ..."},
    {"a link by name", "see [our page][page] now", 16, "see ..."},
    {"a link in angle brackets", "see <https://x.example/page> now", 16, "see ..."},
    {"a URL", "see https://x.example/page now", 16, "see ..."},
    {"brackets that are no link", "see [1] and [2] now", 6, "see [1..."},
    {"an escape", "a \\[b", 3, "a ..."},
    {"characters, not octets", "äöü", 2, "äö..."},
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o = chat_classify(&rows[i].reply);
        is_int(o.state, rows[i].state, rows[i].name);
        is_text(o.reason, rows[i].reason, rows[i].name);
    }
    struct http_reply limited = {.status = 429, .sent = true, .retry_after = 30, .rest = 2};
    is_int(chat_classify(&limited).retry_after, 30, "Retry-After is kept");
    is_int(chat_classify(&limited).rest, 30, "and other messages wait, too");
    struct http_reply last = {.status = 204, .sent = true, .rest = 2};
    is_int(chat_classify(&last).rest, 2, "the last of a window makes the next one wait");
    SCOPE(s);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        is_text(limits_cut_mrkdwn(s, cuts[i].text, cuts[i].chars), cuts[i].expected, cuts[i].name);
    for (size_t i = 0; i < sizeof markdown_cuts / sizeof markdown_cuts[0]; i++)
        is_text(limits_cut_markdown(s, markdown_cuts[i].text, markdown_cuts[i].chars),
            markdown_cuts[i].expected, markdown_cuts[i].name);
    is_text(limits_literal(s, "a*b_[c](d) @e"), "a\\*b\\_\\[c\\]\\(d\\) \\@e", "Markdown's marks");
    return tap_end();
}
