/* Our additions to the specification: strictness, escapes, limits, messages. */
#include "core/json.h"
#include "templates/engine/template.h"
#include "tests/unit/tap.h"

struct row {
    const char *name;
    const char *text;
    const char *context;
    enum escape escape;
    const char *want; /* or the message of the failure */
};

static const struct row rows[] = {
    {.name = "unknown variable",
        .text = "a\n é{{x}}",
        .context = "{}",
        .want = "t:2:3: unknown variable x"},
    {.name = "unknown section",
        .text = "{{#x}}{{/x}}",
        .context = "{}",
        .want = "t:1:1: unknown variable x"},
    {.name = "unknown inverted section",
        .text = "{{^x}}{{/x}}",
        .context = "{}",
        .want = "t:1:1: unknown variable x"},
    {.name = "unknown member",
        .text = "{{a.b}}",
        .context = "{\"a\":{}}",
        .want = "t:1:1: unknown variable a.b"},
    {.name = "null and false are fine",
        .text = "[{{a}}{{#a}}x{{/a}}{{#b}}y{{/b}}{{a.c}}]",
        .context = "{\"a\":null,\"b\":false}",
        .want = "[]"},
    {.name = "object is no value",
        .text = "{{a}}",
        .context = "{\"a\":{}}",
        .want = "t:1:1: a is not a single value"},
    {.name = "list is no value",
        .text = "{{{a}}}",
        .context = "{\"a\":[]}",
        .want = "t:1:1: a is not a single value"},
    {.name = "a label stays in its line",
        .text = "{{@hello}}\nnext",
        .context = "{\"x\":\"you\"}",
        .want = "Hello you!\nnext"},
    {.name = "missing label", .text = "x {{@l}}", .context = "{}", .want = "t:1:3: no partial @l"},
    {.name = "missing partial", .text = "{{>p}}", .context = "{}", .want = "t:1:1: no partial p"},
    {.name = "cycle",
        .text = "{{>a}}",
        .context = "{}",
        .want = "b:1:3: partial a includes itself"},
    {.name = "error inside of a partial",
        .text = "{{>c}}",
        .context = "{}",
        .want = "c:2:2: unknown variable x"},
    {.name = "unclosed tag", .text = "ab {{c", .context = "{}", .want = "t:1:4: unclosed tag"},
    {.name = "unclosed triple", .text = "{{{c}}", .context = "{}", .want = "t:1:1: unclosed tag"},
    {.name = "unclosed section",
        .text = "\n{{#c}}",
        .context = "{}",
        .want = "t:2:1: section c is not closed"},
    {.name = "wrong close",
        .text = "{{#c}}{{/d}}",
        .context = "{}",
        .want = "t:1:7: {{/d}} where {{/c}} is expected"},
    {.name = "stray close",
        .text = "{{/d}}",
        .context = "{}",
        .want = "t:1:1: {{/d}} closes no section"},
    {.name = "no name", .text = "{{}}", .context = "{}", .want = "t:1:1: no name"},
    {.name = "empty part",
        .text = "{{a..b}}",
        .context = "{}",
        .want = "t:1:1: empty part in name"},
    {.name = "space in name",
        .text = "{{a b}}",
        .context = "{}",
        .want = "t:1:1: white space in name"},
    {.name = "bad delimiters",
        .text = "{{=a=}}",
        .context = "{}",
        .want = "t:1:1: invalid delimiters"},
    {.name = "first and last",
        .text = "[{{#l}}{{^-first}},{{/-first}}{{n}}{{#-last}};{{/-last}}{{/l}}]",
        .context = "{\"l\":[{\"n\":1},{\"n\":2},{\"n\":3}]}",
        .want = "[1,2,3;]"},
    {.name = "position outside of a list",
        .text = "{{-last}}",
        .context = "{}",
        .want = "t:1:1: unknown variable -last"},
    {.name = "numbers",
        .text = "{{a}} {{b}} {{c}} {{d}} {{e}}",
        .context = "{\"a\":9223372036854775807,\"b\":-5,\"c\":0.1,\"d\":1.0,\"e\":1e30}",
        .want = "9223372036854775807 -5 0.1 1 1e+30"},
    {.name = "apostrophe",
        .text = "{{a}}",
        .context = "{\"a\":\"it's\"}",
        .escape = ESCAPE_HTML,
        .want = "it&#39;s"},
    {.name = "a line break in a mail",
        .text = "{{a}}|{{{a}}}",
        .context = "{\"a\":\"<b>\\nc\"}",
        .escape = ESCAPE_MAIL,
        .want = "&lt;b&gt;<br>\nc|<b>\nc"},
    {.name = "Slack never pings",
        .text = "{{a}}",
        .context = "{\"a\":\"<!channel> & \\\"\"}",
        .escape = ESCAPE_SLACK,
        .want = "&lt;!channel&gt; &amp; \""},
    {.name = "Slack in JSON",
        .text = "{{a}}|{{{a}}}",
        .context = "{\"a\":\"<!channel>\\n\\\"\"}",
        .escape = ESCAPE_SLACK_JSON,
        .want = "&lt;!channel&gt;\\n\\\"|<!channel>\\n\\\""},
    {.name = "JSON keeps markers, escapes what only looks like one",
        .text = "{{a}}",
        .context = "{\"a\":\"\\u001f12\\u001f \\u001f\\\"\\u001f \\u001f\"}",
        .escape = ESCAPE_JSON,
        .want = "\x1f"
                "12\x1f \\u001f\\\"\\u001f \\u001f"},
    {.name = "markers pass HTML",
        .text = "{{a}}",
        .context = "{\"a\":\"\\u001f0\\u001f\"}",
        .escape = ESCAPE_HTML,
        .want = "\x1f"
                "0\x1f"},
    {.name = "header",
        .text = "{{a}}",
        .context = "{\"a\":\"<ä>\"}",
        .escape = ESCAPE_HEADER,
        .want = "<ä>"},
    {.name = "header with a line break",
        .text = "{{a}}",
        .context = "{\"a\":\"x\\nBcc: y\"}",
        .escape = ESCAPE_HEADER,
        .want = "t:1:1: a contains a line break, which a header cannot"},
    {.name = "raw header with a line break",
        .text = "{{{a}}}",
        .context = "{\"a\":\"x\\rBcc: y\"}",
        .escape = ESCAPE_HEADER,
        .want = "t:1:1: a contains a line break, which a header cannot"},
    {.name = "output has a ceiling",
        .text = "{{#l}}{{#l}}0123456789{{/l}}{{/l}}",
        .context = "{\"l\":[1,2,3,4,5,6,7,8,9,10]}",
        .want = "t: output too large"},
};

static const char *partial(struct scope *s, const char *name, void *ctx, const char **ret_file)
{
    (void)ret_file;
    (void)s, (void)ctx;
    static const char *const texts[][2] = {{"a", "{{>b}}"}, {"b", "  {{>a}}"}, {"c", "\n {{x}}"},
        {"r", "({{>r}})"}, {"@hello", "Hello {{x}}!"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!strcmp(texts[i][0], name))
            return texts[i][1];
    return NULL;
}

static const char *run(struct scope *s, const char *text, const char *context,
    struct template_options options, struct strbuf *out)
{
    options.partials = partial;
    struct template *t;
    json_t *json;
    enum rc rc = json_parse(s, context, strlen(context), &json);
    if (rc == RC_OK)
        rc = template_compile(s, "t", text, &options, &t);
    if (rc == RC_OK)
        rc = template_render(s, t, json, out);
    return rc == RC_OK ? out->buf : s->fault.message;
}

/* A list of ten in twenty nested sections: 10^20 visits without a limit. */
static const char *explosion(struct scope *s)
{
    STRBUF(text, 4096);
    for (int i = 0; i < 20; i++)
        strbuf_addstr(&text, "{{#l}}");
    for (int i = 0; i < 20; i++)
        strbuf_addstr(&text, "{{/l}}");
    STRBUF(out, 100);
    return run(s, text.buf, "{\"l\":[1,2,3,4,5,6,7,8,9,10]}", (struct template_options){0}, &out);
}

static const char *nesting(struct scope *s)
{
    STRBUF(text, 4096);
    for (int i = 0; i < 65; i++)
        strbuf_addstr(&text, "{{#l}}");
    STRBUF(out, 100);
    return run(s, text.buf, "{}", (struct template_options){0}, &out);
}

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPE(s);
        STRBUF(out, 500);
        struct template_options options = {.escape = rows[i].escape};
        is_text(run(s, rows[i].text, rows[i].context, options, &out), rows[i].want, rows[i].name);
    }
    SCOPE(s);
    STRBUF(out, 100000);
    is_text(explosion(s), "t: too many nodes to render", "work has a ceiling");
    is_text(nesting(s), "t:1:385: sections nest too deep", "sections nest so deep at most");
    is_text(run(s, "{{>r}}", "{}", (struct template_options){.lenient = true}, &out),
        "r: sections and partials nest too deep", "endless recursion ends");
    return tap_end();
}
