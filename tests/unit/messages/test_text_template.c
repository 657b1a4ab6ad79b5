#include "messages/text_template.h"

#include "tests/unit/tap.h"

static const char *const values[PLACEHOLDER_MAX] = {[PLACEHOLDER_TOKEN] = "tok",
    [PLACEHOLDER_ADDRESS] = "a@b.example",
    [PLACEHOLDER_CODE] = "012345",
    [35] = "last"};

static const struct {
    const char *name, *text, *filled; /* filled NULL: a broken marker */
} cases[] = {
    {"no placeholder", "plain", "plain"},
    {"empty", "", ""},
    {"one placeholder",
        "x\x1f"
        "0\x1fy",
        "xtoky"},
    {"only a placeholder",
        "\x1f"
        "1\x1f",
        "a@b.example"},
    {"two side by side",
        "\x1f"
        "0\x1f\x1f"
        "3\x1f",
        "tok012345"},
    {"the same twice",
        "\x1f"
        "0\x1f-\x1f"
        "0\x1f",
        "tok-tok"},
    {"last placeholder",
        "<\x1f"
        "35\x1f>",
        "<last>"},
    {"placeholder without a value",
        "<\x1f"
        "7\x1f>",
        "<>"},
    {"unknown placeholder",
        "\x1f"
        "38\x1f",
        NULL},
    {"no number", "\x1f\x1f", NULL},
    {"letters", "\x1fx\x1f", NULL},
    {"never closed",
        "abc\x1f"
        "3",
        NULL},
    {"lone mark at the end", "abc\x1f", NULL},
    {"long number",
        "\x1f"
        "0003\x1f",
        NULL},
};

static void in_brackets(struct strbuf *b, const char *value)
{
    strbuf_addf(b, "[%s]", value);
}

int main(void)
{
    SCOPE(s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text_template text_template;
        STRBUF(b, 1024);
        enum rc rc = text_template_cut(s, cases[i].text, strlen(cases[i].text), &text_template);
        if (rc == RC_OK)
            text_template_fill(&text_template, values, NULL, &b);
        is_text(rc == RC_OK ? b.buf : NULL, cases[i].filled, cases[i].name);
    }
    bool markers = true;
    for (int placeholder = 0; placeholder < PLACEHOLDER_MAX; placeholder++) {
        struct text_template text_template = {0};
        const char *marker = text_template_marker(placeholder);
        markers = markers &&
                  text_template_cut(s, marker, strlen(marker), &text_template) == RC_OK &&
                  text_template.n == 2 && text_template.at[0].placeholder == placeholder;
    }
    ok(markers, "every marker is cut as its own placeholder");
    struct text_template text_template;
    STRBUF(b, 1024);
    ok(text_template_cut(s,
           "a\x1f"
           "0\x1f"
           "b",
           5, &text_template) == RC_OK,
        "cut");
    text_template_fill(&text_template, values, in_brackets, &b);
    is_text(b.buf, "a[tok]b", "values go through put, fixed text does not");
    return tap_end();
}
