#include "messages/pieces.h"

#include "tests/unit/tap.h"

static const char *const values[HOLE_MAX] = {
    [HOLE_TOKEN] = "tok", [HOLE_ADDRESS] = "a@b.example", [HOLE_CODE] = "012345", [35] = "last"};

static const struct {
    const char *name, *text, *filled; /* filled NULL: a broken marker */
} cases[] = {
    {"no hole", "plain", "plain"},
    {"empty", "", ""},
    {"one hole",
        "x\x1f"
        "0\x1fy",
        "xtoky"},
    {"only a hole",
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
    {"last hole",
        "<\x1f"
        "35\x1f>",
        "<last>"},
    {"hole without a value",
        "<\x1f"
        "7\x1f>",
        "<>"},
    {"unknown hole",
        "\x1f"
        "36\x1f",
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
        struct pieces pieces;
        STRBUF(b, 1024);
        enum rc rc = pieces_cut(s, cases[i].text, strlen(cases[i].text), &pieces);
        if (rc == RC_OK)
            pieces_fill(&pieces, values, NULL, &b);
        is_text(rc == RC_OK ? b.buf : NULL, cases[i].filled, cases[i].name);
    }
    bool markers = true;
    for (int hole = 0; hole < HOLE_MAX; hole++) {
        struct pieces pieces = {0};
        const char *marker = pieces_marker(hole);
        markers = markers && pieces_cut(s, marker, strlen(marker), &pieces) == RC_OK &&
                  pieces.n == 2 && pieces.at[0].hole == hole;
    }
    ok(markers, "every marker is cut as its own hole");
    struct pieces pieces;
    STRBUF(b, 1024);
    ok(pieces_cut(s,
           "a\x1f"
           "0\x1f"
           "b",
           5, &pieces) == RC_OK,
        "cut");
    pieces_fill(&pieces, values, in_brackets, &b);
    is_text(b.buf, "a[tok]b", "values go through put, fixed text does not");
    return tap_end();
}
