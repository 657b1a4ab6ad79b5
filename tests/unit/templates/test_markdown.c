#include <stdlib.h>

#include "templates/engine/template.h"
#include "tests/unit/tap.h"

/* html, text and slack are the expected outputs; NULL: not checked. */
static const struct row {
    const char *name;
    const char *source;
    const char *html;
    const char *text;
    const char *slack;
} rows[] = {
    {.name = "paragraphs",
        .source = "One\nline.\n\nTwo & <three>",
        .html = "<p>One\nline.</p>\n<p>Two &amp; &lt;three&gt;</p>\n",
        .text = "One line.\n\nTwo & <three>",
        .slack = "One line.\n\nTwo &amp; &lt;three&gt;"},
    {.name = "marks",
        .source = "# Head\n**bold** *thin* `a<b` \\\nnext",
        .html = "<h3>Head</h3>\n<p><strong>bold</strong> <em>thin</em> <code>a&lt;b</code> <br>\n"
                "next</p>\n",
        .text = "Head\n\nbold thin a<b \nnext",
        .slack = "*Head*\n\n*bold* _thin_ `a&lt;b` \nnext"},
    {.name = "lists",
        .source = "- a\n- b\n  1. c\n  2. d\n- e\n\nf",
        .html = "<ul>\n<li>a</li>\n<li>b\n<ol>\n<li>c</li>\n<li>d</li>\n</ol>\n</li>\n"
                "<li>e</li>\n</ul>\n<p>f</p>\n",
        .text = "- a\n- b\n  1. c\n  2. d\n- e\n\nf",
        .slack = "• a\n• b\n  1. c\n  2. d\n• e\n\nf"},
    {.name = "loose list", .source = "3. a\n\n   b\n\n4. c", .text = "3. a\n\n   b\n\n4. c"},
    {.name = "quote and code",
        .source = "> a\n>\n> > b\n\n    code\n\n    <x>\n",
        .html = "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>\n"
                "<pre><code>code\n\n&lt;x&gt;\n</code></pre>\n",
        .text = "> a\n>\n> > b\n\n    code\n    \n    <x>",
        .slack = "> a\n>\n> > b\n\n```\ncode\n\n&lt;x&gt;\n```"},
    {.name = "https link",
        .source = "[st<b>at</b>us](https://x.example/?a=1&b=\"|\")",
        .html = "<p><a href=\"https://x.example/?a=1&amp;b=%22%7C%22\">"
                "st&lt;b&gt;at&lt;/b&gt;us</a></p>\n",
        .text = "st<b>at</b>us (https://x.example/?a=1&b=%22%7C%22)",
        .slack = "<https://x.example/?a=1&amp;b=%22%7C%22|st&lt;b&gt;at&lt;/b&gt;us>"},
    {.name = "autolinks",
        .source = "<https://x.example> <a@b.example>",
        .html = "<p><a href=\"https://x.example\">https://x.example</a> "
                "<a href=\"mailto:a@b.example\">a@b.example</a></p>\n",
        .text = "https://x.example a@b.example",
        .slack = "<https://x.example|https://x.example> <mailto:a@b.example|a@b.example>"},
    {.name = "other schemes are text",
        .source =
            "[a](javascript:alert(1)) [b](//host) [c](data:text/html,x) [d](http://h) [e](/p)",
        .html = "<p>a b c d e</p>\n",
        .text = "a b c d e",
        .slack = "a b c d e"},
    {.name = "images are their text",
        .source = "![alt *x*](https://h/i.png)",
        .html = "<p>alt <em>x</em></p>\n",
        .text = "alt x"},
    {.name = "raw HTML is text",
        .source = "a<script>x</script>b\n\n<div onclick=x>\n\nc",
        .html =
            "<p>a&lt;script&gt;x&lt;/script&gt;b</p>\n<p>&lt;div onclick=x&gt;\n</p>\n<p>c</p>\n",
        .text = "a<script>x</script>b\n\n<div onclick=x>\n\nc",
        .slack = "a&lt;script&gt;x&lt;/script&gt;b\n\n&lt;div onclick=x&gt;\n\nc"},
    {.name = "words in angle brackets",
        .source = "two <script>, set <your-host> \nand <a\nb> <!-- c -->",
        .html =
            "<p>two &lt;script&gt;, set &lt;your-host&gt;\nand &lt;a\nb&gt; &lt;!-- c --&gt;</p>\n",
        .text = "two <script>, set <your-host> and <a\nb> <!-- c -->",
        .slack = "two &lt;script&gt;, set &lt;your-host&gt; and &lt;a\nb&gt; &lt;!-- c --&gt;"},
    {.name = "a block of HTML in a quote",
        .source = "> <table>\n> <tr>\n\nafter",
        .html = "<blockquote>\n<p>&lt;table&gt;\n&lt;tr&gt;\n</p>\n</blockquote>\n<p>after</p>\n",
        .text = "> <table>\n> <tr>\n\nafter"},
    {.name = "Slack mentions",
        .source = "<!channel> &lt;!here&gt; \\<@U1>",
        .slack = "&lt;!channel&gt; &lt;!here&gt; &lt;@U1&gt;"},
    {.name = "markers",
        .source = "**\x1f"
                  "4\x1f**, `\x1f"
                  "5\x1f` [x\x1f"
                  "6\x1f](https://h/\x1f"
                  "7\x1f?a) ",
        .html = "<p><strong>\x1f"
                "4\x1f</strong>, <code>\x1f"
                "5\x1f</code> "
                "<a href=\"https://h/\x1f"
                "7\x1f?a\">x\x1f"
                "6\x1f</a></p>\n",
        .text = "\x1f"
                "4\x1f, \x1f"
                "5\x1f x\x1f"
                "6\x1f (https://h/\x1f"
                "7\x1f?a)",
        .slack = "*\x1f"
                 "4\x1f*, `\x1f"
                 "5\x1f` <https://h/\x1f"
                 "7\x1f?a|x\x1f"
                 "6\x1f>"},
    {.name = "a marker cannot be forged",
        .source = "&#x1f;3&#31; \x1f"
                  "x\x1f &#xfdd0;0&#xfdd1; [a](https://h/&#x1f;0&#x1f;)",
        .html = "<p>3 x \xef\xb7\x90"
                "0\xef\xb7\x91 <a href=\"https://h/%1F0%1F\">a</a></p>\n"},
    {.name = "a link that begins with a marker is text",
        .source = "[a](\x1f"
                  "1\x1f)",
        .html = "<p>a</p>\n",
        .text = "a",
        .slack = "a"},
    {.name = "a table",
        .source =
            "Before\n\n| time | what **happened** |\n|---|---:|\n| 10:00 | `db` &lt;fails> |\n"
            "| [st](https://x.example) | a \\| b |\n\nAfter",
        .html = "<p>Before</p>\n<table>\n<tr><th>time</th><th>what "
                "<strong>happened</strong></th></tr>\n<tr><td>10:00</td><td><code>db</code> "
                "&lt;fails&gt;</td></tr>\n<tr><td><a href=\"https://x.example\">st</a></td><td>a | "
                "b</td></tr>\n</table>\n<p>After</p>\n",
        .text = "Before\n\ntime | what happened\n10:00 | db <fails>\nst (https://x.example) | a | b"
                "\n\nAfter",
        .slack = "Before\n\n*time* | *what happened*\n10:00 | `db` &lt;fails&gt;\n"
                 "<https://x.example|st> | a | b\n\nAfter"},
    {.name = "a table in a quote, with a hostile cell",
        .source = "> | <script> | [a](javascript:x) |\n> |---|---|\n> | <!channel> |\n",
        .html = "<blockquote>\n<table>\n<tr><th>&lt;script&gt;</th><th>a</th>"
                "</tr>\n<tr><td>&lt;!channel&gt;</td><td></td></tr>\n</table>\n"
                "</blockquote>\n",
        .text = "> <script> | a\n> <!channel> | ",
        .slack = "> *&lt;script&gt;* | *a*\n> &lt;!channel&gt; | "},
    {.name = "markers in a table",
        .source = "|a|\n|-|\n|\x1f"
                  "4\x1f|\n",
        .text = "a\n\x1f"
                "4\x1f"},
    {.name = "empty", .source = "", .html = "", .text = "", .slack = ""},
};

typedef enum rc formatter(struct scope *s, const char *markdown, char **ret);

static void check(const char *name, const char *source, const char *want, formatter *format)
{
    SCOPE(s);
    char *got = NULL;
    if (!want)
        return;
    enum rc rc = format(s, source, &got);
    is_text(rc == RC_OK ? got : s->fault.message, want, name);
}

static void check_ceiling(size_t len, char c, formatter *format, const char *message)
{
    SCOPE(s);
    char *source = scope_alloc(s, len + 2), *got = NULL;
    memset(source, c, len);
    source[len] = 'x';
    enum rc rc = format(s, source, &got);
    is_int(rc, message ? RC_INVALID : RC_OK, message ? message : "largest body");
    if (message) {
        is_text(s->fault.message, message, "message");
        is_text(s->fault.field, "body", "field");
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(rows[i].name, rows[i].source, rows[i].html, markdown_html);
        check(rows[i].name, rows[i].source, rows[i].text, markdown_text);
        check(rows[i].name, rows[i].source, rows[i].slack, markdown_slack);
    }
    check_ceiling(32 * 1024, 'x', markdown_html, "longer than 32768 bytes");
    check_ceiling(32 * 1024 - 1, 'x', markdown_html, NULL);
    check_ceiling(32 * 1024 - 1, '>', markdown_html, "too large when formatted");
    check_ceiling(32 * 1024 - 1, '>', markdown_text, NULL);
    check_ceiling(32 * 1024 - 1, '[', markdown_slack, NULL);
    check_ceiling(32 * 1024 - 1, '*', markdown_slack, NULL);
    return tap_end();
}
