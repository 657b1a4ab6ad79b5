#include "messages/mime.h"

#include <stdlib.h>

#include "messages/mime_encode.h"
#include "tests/unit/tap.h"

#define FIELDS \
    "Date From To Subject Message-ID In-Reply-To References List-Id List-Unsubscribe " \
    "List-Unsubscribe-Post Auto-Submitted Feedback-ID MIME-Version Content-Type "

static const struct mime_spec plain_spec = {
    .from = "Example Status <status@example.com>",
    .subject = "Chat is down",
    .message_domain = "status.example.com",
    .thread_id = "incident-1@status.example.com",
    .list_id = "status.example.com",
    .unsubscribe_base = "https://status.example.com/u/",
    .feedback_id = "1:update:amends",
    .date = INT64_C(1358226360000000),
    .text = "Hello \x1f"
            "3\x1f,\n\nchat is down.\n",
    .html = "<p>Hello \x1f"
            "3\x1f, <a href=\"https://x.example/u/\x1f"
            "0\x1f\">stop</a></p>\n",
};

/* Names of the header fields of a message, with a space behind each. */
static char *field_names(struct scope *s, const char *wire)
{
    STRBUF(names, 4096);
    for (const char *at = wire; *at && *at != '\r'; at = strchr(at, '\n') + 1)
        if (*at != ' ' && *at != '\t')
            strbuf_addf(&names, "%.*s ", (int)strcspn(at, ":"), at);
    return strbuf_copy(&names, s);
}

/* The value of a header field, unfolded; "" if absent. */
static char *field_value(struct scope *s, const char *wire, const char *name)
{
    STRBUF(value, 64 * 1024);
    size_t len = strlen(name);
    bool inside = false;
    for (const char *at = wire; *at && *at != '\r'; at = strchr(at, '\n') + 1) {
        if (*at != ' ')
            inside = !strncmp(at, name, len) && at[len] == ':';
        if (inside)
            strbuf_add(&value, *at == ' ' ? at : at + len + 2,
                strcspn(at, "\r") - (*at == ' ' ? 0 : len + 2));
    }
    return strbuf_copy(&value, s);
}

static char *decode_qp(struct scope *s, const char *text, size_t len)
{
    STRBUF(b, 1 << 20);
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '=')
            strbuf_addch(&b, text[i]);
        else if (i + 2 < len && text[i + 1] == '\r')
            i += 2;
        else
            strbuf_addch(&b, (char)strtol((char[]){text[i + 1], text[i + 2], 0}, NULL, 16)), i += 2;
    }
    return strbuf_copy(&b, s);
}

/* The nth body part, decoded. */
static char *part(struct scope *s, const char *wire, int n)
{
    const char *at = wire;
    for (int i = 0; i <= n && at; i++)
        at = strstr(at + 1, "\r\n--=_amends");
    at = at ? strstr(at + 2, "\r\n\r\n") : NULL;
    const char *end = at ? strstr(at + 4, "\r\n--=_amends") : NULL;
    return end ? decode_qp(s, at + 4, (size_t)(end - at - 4)) : NULL;
}

/* RFC 5322, 2.1.1 and RFC 2045, 6.7: limits of each line, none of which needs dot-stuffing. */
static bool lines_are_good(const char *wire, size_t len)
{
    if (strlen(wire) != len || len < 2 || strcmp(wire + len - 2, "\r\n") != 0)
        return false;
    bool body = false;
    for (const char *at = wire; *at;) {
        const char *end = strstr(at, "\r\n");
        size_t n = (size_t)(end - at);
        body = body || !n;
        if (*at == '.' || n > (body ? 76 : 998))
            return false;
        for (size_t i = 0; i < n; i++)
            if (at[i] == '\r' || at[i] == '\n' || at[i] & 0x80 || at[i] == 0x1f)
                return false;
        at = end + 2;
    }
    return true;
}

static char *build(struct scope *s, const struct mime_spec *spec, const char *const *values)
{
    struct mime_message *message;
    STRBUF(b, 1 << 20);
    if (mime_compile(s, spec, &message) != RC_OK || mime_fill(s, message, values, &b) != RC_OK)
        return NULL;
    ok(lines_are_good(b.buf, b.len), "lines");
    return strbuf_copy(&b, s);
}

static void check_plain(struct scope *s)
{
    const char *values[PLACEHOLDER_MAX] = {"tok.en", "ann@example.com", "b1.r2", "Ann <&> Lee"};
    char *wire = build(s, &plain_spec, values);
    is_text(field_names(s, wire), FIELDS, "the header fields");
    is_text(field_value(s, wire, "Date"), "Tue, 15 Jan 2013 05:06:00 +0000", "Date");
    is_text(field_value(s, wire, "From"), "Example Status <status@example.com>", "From");
    is_text(field_value(s, wire, "To"), "ann@example.com", "To");
    is_text(field_value(s, wire, "Subject"), "Chat is down", "Subject");
    is_text(field_value(s, wire, "Message-ID"), "<b1.r2@status.example.com>", "Message-ID");
    is_text(field_value(s, wire, "References"), "<incident-1@status.example.com>", "References");
    is_text(field_value(s, wire, "List-Unsubscribe"), "<https://status.example.com/u/tok.en>",
        "List-Unsubscribe");
    is_text(part(s, wire, 0), "Hello Ann <&> Lee,\r\n\r\nchat is down.\r\n", "text");
    is_text(part(s, wire, 1),
        "<p>Hello Ann &lt;&amp;&gt; Lee, <a href=\"https://x.example/u/tok.en\">stop</a></p>\r\n",
        "HTML, the value escaped");
}

/* Bodies that survive quoted-printable unchanged, apart from line ends. */
static void check_bodies(struct scope *s)
{
    static const struct {
        const char *name, *text, *value, *decoded;
    } cases[] = {
        {"dots", ".\r\n..\r\n.a\r\n", "x", ".\r\n..\r\n.a\r\n"},
        {"smuggling", "a\n.\nb\r.\rc\r\n.\r\n", "x", "a\r\n.\r\nb\r\n.\r\nc\r\n.\r\n"},
        {"value of a dot at a line start",
            "a\n\x1f"
            "3\x1f\nb",
            ".", "a\r\n.\r\nb\r\n"},
        {"value that smuggles",
            "a \x1f"
            "3\x1f"
            "b",
            "\r\n.\r\nQUIT\r\n", "a \r\n.\r\nQUIT\r\nb\r\n"},
        {"empty value",
            "a\x1f"
            "3\x1f"
            "b",
            "", "ab\r\n"},
        {"value at the end",
            "a\x1f"
            "3\x1f",
            "z", "az\r\n"},
        {"values side by side",
            "\x1f"
            "3\x1f\x1f"
            "3\x1f",
            "z ", "z z \r\n"},
        {"UTF-8", "Z\xc3\xbcrich \xf0\x9f\x98\x80", "x", "Z\xc3\xbcrich \xf0\x9f\x98\x80\r\n"},
        {"equals and trailing blanks", "a=b \t\nc ", "x", "a=b \t\r\nc \r\n"},
        {"long line and value",
            "0123456789012345678901234567890123456789012345678901234567890123456"
            "7890123456789\x1f"
            "3\x1f!",
            ".123456789012345678901234567890123456789012345678901234567890123456789012345.789",
            "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
            ".123456789012345678901234567890123456789012345678901234567890123456789012345.789!"
            "\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mime_spec spec = plain_spec;
        const char *values[PLACEHOLDER_MAX] = {"t", "a@b.example", "m", cases[i].value};
        spec.text = cases[i].text;
        is_text(part(s, build(s, &spec, values), 0), cases[i].decoded, cases[i].name);
        spec.html = NULL;
        char *wire = build(s, &spec, values);
        const char *body = strstr(wire, "\r\n\r\n") + 4;
        is_text(decode_qp(s, body, strlen(body)), cases[i].decoded, "the same without HTML");
    }
}

static void check_subjects(struct scope *s)
{
    static const struct {
        const char *name, *subject, *value, *header;
    } cases[] = {
        {"plain", "Chat is down", "", "Chat is down"},
        {"UTF-8", "Z\xc3\xbcrich", "", "=?UTF-8?B?WsO8cmljaA==?="},
        {"looks like an encoded word", "=?x?=", "", "=?UTF-8?B?PT94Pz0=?="},
        {"control character",
            "a\x01"
            "b",
            "", "=?UTF-8?B?YQFi?="},
        {"a placeholder",
            "Credit of \x1f"
            "3\x1f",
            "10 EUR", "Credit of 10 EUR"},
        {"a placeholder with UTF-8",
            "\x1f"
            "3\x1f!",
            "\xe2\x82\xac", "=?UTF-8?B?4oKsIQ==?="},
        {"empty", "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mime_spec spec = plain_spec;
        const char *values[PLACEHOLDER_MAX] = {"t", "a@b.example", "m", cases[i].value};
        spec.subject = cases[i].subject;
        char *wire = build(s, &spec, values);
        is_text(field_value(s, wire, "Subject"), cases[i].header, cases[i].name);
        is_text(field_names(s, wire), FIELDS, "the header fields stay");
    }
}

/* Words of at most 75 characters on lines of at most 76, each whole UTF-8. */
static void check_words(struct scope *s)
{
    STRBUF(text, 4096);
    for (int i = 0; i < 60; i++)
        strbuf_addstr(&text, i % 3 ? "\xe2\x82\xac" : "\xf0\x9f\x98\x80 x");
    bool good = true;
    for (size_t column = 0; column < 30; column++) {
        STRBUF(b, 8192);
        mime_header_text(&b, text.buf, column);
        size_t on_line = column;
        for (const char *at = b.buf; *at;) {
            size_t n = strcspn(at, "\r");
            good = good && n <= 76 && on_line + n <= 76 &&
                   !strncmp(at + (*at == ' '), "=?UTF-8?B?", 10);
            const char *word = strstr(at, "B?") + 2;
            /* The first octet of each word begins a character: no continuation octet. */
            int first =
                (int)(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                          word[0]) -
                      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
            good = good && (first >> 4) != 2;
            at += n + (at[n] ? 2 : 0);
            on_line = 0;
        }
    }
    ok(good, "encoded words stay within 75 and 76 octets and between characters");
    STRBUF(folded, 8192);
    mime_header_text(&folded,
        "one two three four five six seven eight nine ten eleven twelve thirteen "
        "fourteen fifteen sixteen",
        9);
    is_text(folded.buf,
        "one two three four five six seven eight nine ten eleven twelve\r\n thirteen "
        "fourteen fifteen sixteen",
        "plain words are folded");
    (void)s;
}

static void check_from(struct scope *s)
{
    static const struct {
        const char *from, *header;
    } cases[] = {
        {"status@example.com", "status@example.com"},
        {"\"Example, Inc.\" <status@example.com>", "\"Example, Inc.\" <status@example.com>"},
        {"Z\xc3\xbcrich <s@b\xc3\xbc"
         "cher.example>",
            "=?UTF-8?B?WsO8cmljaA==?= <s@xn--bcher-kva.example>"},
    };
    const char *values[PLACEHOLDER_MAX] = {"t", "a@b.example", "m", "x"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mime_spec spec = plain_spec;
        spec.from = cases[i].from;
        is_text(field_value(s, build(s, &spec, values), "From"), cases[i].header, cases[i].from);
    }
}

#define REFUSED(what, member, text) \
    do { \
        struct mime_spec spec = plain_spec; \
        struct mime_message *message; \
        spec.member = (text); \
        ok(mime_compile(s, &spec, &message) == RC_INVALID, "refused: %s", what); \
    } while (0)

static void check_refusals(struct scope *s)
{
    REFUSED("CRLF in the subject", subject, "a\r\nBcc: x@example.com");
    REFUSED("LF in the subject", subject, "a\nb");
    REFUSED("CR in the name", from, "A\rB <a@example.com>");
    REFUSED("CRLF in the address", from, "a@example.com\r\nX: y");
    REFUSED("LF in the thread id", thread_id, "a\n@b");
    REFUSED("> in the thread id", thread_id, "a>b");
    REFUSED("LF in the list id", list_id, "a\nb");
    REFUSED("LF in the feedback id", feedback_id, "a\nX: y");
    REFUSED("LF in the message domain", message_domain, "a\nb");
    REFUSED("http", unsubscribe_base, "http://status.example.com/u/");
    REFUSED("http that looks like loopback", unsubscribe_base, "http://127.0.0.1.example.com/u/");
    REFUSED("two URIs", unsubscribe_base, "https://a.example/u>, <https://b.example/u");
    struct mime_message *message;
    struct mime_spec spec = plain_spec;
    spec.subject = scope_printf(s, "Credit of %s", text_template_marker(PLACEHOLDER_FIELD));
    ok(mime_compile(s, &spec, &message) == RC_OK, "compiles");
    static const char *const bad[] = {"a\rb", "a\nb", "a\r\nBcc: x@example.com"};
    static const int placeholders[] = {
        PLACEHOLDER_TOKEN, PLACEHOLDER_ADDRESS, PLACEHOLDER_MESSAGE_ID, PLACEHOLDER_FIELD};
    for (size_t i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++)
        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            const char *values[PLACEHOLDER_MAX] = {"t", "a@b.example", "m", "x"};
            STRBUF(b, 1 << 20);
            values[placeholders[i]] = bad[j];
            ok(mime_fill(s, message, values, &b) == RC_INVALID && !b.len,
                "placeholder %d refuses a line break and appends nothing", placeholders[i]);
        }
}

int main(void)
{
    SCOPE(s);
    check_plain(s);
    check_bodies(s);
    check_subjects(s);
    check_words(s);
    check_from(s);
    check_refusals(s);
    return tap_end();
}
