/* The cuts of texts that are longer than a channel takes. */
#include "messages/limits.h"

#include "tests/unit/tap.h"

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
    SCOPE(s);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        is_text(limits_cut_mrkdwn(s, cuts[i].text, cuts[i].chars), cuts[i].expected, cuts[i].name);
    for (size_t i = 0; i < sizeof markdown_cuts / sizeof markdown_cuts[0]; i++)
        is_text(limits_cut_markdown(s, markdown_cuts[i].text, markdown_cuts[i].chars),
            markdown_cuts[i].expected, markdown_cuts[i].name);
    is_text(limits_literal(s, "a*b_[c](d) @e"), "a\\*b\\_\\[c\\]\\(d\\) \\@e", "Markdown's marks");
    return tap_end();
}
