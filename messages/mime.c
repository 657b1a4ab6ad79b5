#include "messages/mime.h"

#include <stdbool.h>
#include <string.h>

#include "core/clock.h"
#include "core/mail/mailaddr.h"
#include "messages/mime_encode.h"

/* "=_" never occurs in quoted-printable (RFC 2045 6.7), so no body contains this. */
#define BOUNDARY "=_amends"
#define PART_HEADER(subtype) \
    "Content-Type: text/" subtype \
    "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"

enum { SEGMENTS = 7, COMPILED_MAX = 4 * 1024 * 1024, SUBJECT_MAX = 4096 };
static const size_t subject_column = sizeof "Subject: " - 1;

enum segment_kind { SEGMENT_RAW, SEGMENT_SUBJECT, SEGMENT_TEXT, SEGMENT_HTML };

struct segment {
    enum segment_kind kind;
    struct text_template text_template;
};

struct mime_message {
    struct segment segment[SEGMENTS];
    size_t n;
    bool in_header[PLACEHOLDER_MAX]; /* placeholders whose values could break a header */
};

/* ---- checks of the caller's input ---- */

static bool is_graph(const char *text, const char *refused)
{
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c > '~')
            return false;
    return *text != '\0' && !strpbrk(text, refused);
}

static enum rc check_word(struct scope *s, const char *field, const char *value)
{
    if (value && !is_graph(value, "<>\"(),;"))
        return fail_field(
            s, RC_INVALID, field, "%s contains characters that its header cannot", field);
    return RC_OK;
}

/* RFC 8058 requires https; plain http is allowed only on loopback, for tests and the demo. */
static enum rc check_unsubscribe(struct scope *s, const char *base)
{
    static const char *const allowed[] = {
        "https://", "http://127.0.0.1:", "http://localhost:", "http://[::1]:"};
    TRY(check_word(s, "unsubscribe_base", base));
    for (size_t i = 0; base && i < sizeof allowed / sizeof allowed[0]; i++)
        if (!strncmp(base, allowed[i], strlen(allowed[i])))
            return RC_OK;
    return base ? fail_field(
                      s, RC_INVALID, "unsubscribe_base", "unsubscribe_base is not an https URL")
                : RC_OK;
}

static enum rc check_spec(struct scope *s, const struct mime_spec *spec)
{
    if (strpbrk(spec->subject, "\r\n"))
        return fail_field(s, RC_INVALID, "subject", "the subject contains a line break");
    if (strlen(spec->subject) > SUBJECT_MAX)
        return fail_field(s, RC_INVALID, "subject", "the subject is too long");
    if (!spec->message_domain)
        return fail_field(s, RC_INVALID, "message_domain", "message_domain is missing");
    TRY(check_word(s, "message_domain", spec->message_domain));
    TRY(check_word(s, "thread_id", spec->thread_id));
    TRY(check_word(s, "list_id", spec->list_id));
    TRY(check_word(s, "feedback_id", spec->feedback_id));
    return check_unsubscribe(s, spec->unsubscribe_base);
}

/* ---- compiling ---- */

static void add_segment(
    struct mime_message *message, enum segment_kind kind, struct text_template text_template)
{
    message->segment[message->n++] = (struct segment){.kind = kind, .text_template = text_template};
    for (size_t i = 0; i < text_template.n; i++)
        if (kind <= SEGMENT_SUBJECT && text_template.at[i].placeholder >= 0)
            message->in_header[text_template.at[i].placeholder] = true;
}

static enum rc add_raw(struct scope *s, struct mime_message *message, struct strbuf *b)
{
    struct text_template text_template;
    TRY(text_template_cut(s, b->buf, b->len, &text_template));
    add_segment(message, SEGMENT_RAW, text_template);
    strbuf_clear(b);
    return RC_OK;
}

/*
 * Encode a body around its placeholders. A value begins on its own line, after a soft line break,
 * so that its encoding does not depend on the text before it; another soft break leads back to the
 * fixed text.
 */
static enum rc add_body(
    struct scope *s, struct mime_message *message, enum segment_kind kind, const char *body)
{
    struct text_template source;
    TRY(text_template_cut(s, body, strlen(body), &source));
    STRBUF(b, COMPILED_MAX);
    size_t column = 0;
    for (size_t i = 0; i < source.n; i++) {
        const struct text_piece *text_piece = &source.at[i];
        bool breaks =
            text_piece->len && (text_piece->text[0] == '\r' || text_piece->text[0] == '\n');
        bool behind_value = i > 0 && !breaks && (text_piece->len || text_piece->placeholder >= 0);
        if (behind_value) {
            strbuf_addstr(&b, "=\r\n");
            column = 0;
        }
        mime_qp(&b, text_piece->text, text_piece->len, &column);
        if (text_piece->placeholder < 0)
            break;
        if (column)
            strbuf_addstr(&b, "=\r\n");
        strbuf_addstr(&b, text_template_marker(text_piece->placeholder));
        column = 1;
    }
    if (column)
        strbuf_addstr(&b, "\r\n");
    if (b.overflow)
        return fail(s, RC_INVALID, "the message is too large");
    struct text_template text_template;
    TRY(text_template_cut(s, b.buf, b.len, &text_template));
    add_segment(message, kind, text_template);
    return RC_OK;
}

static enum rc write_from(struct scope *s, const char *from, struct strbuf *b)
{
    char *name, *address;
    TRY(mailaddr_split_mailbox(s, from, &name, &address));
    if (mailaddr_needs_utf8(address))
        return fail_field(s, RC_INVALID, "from", "the sender's address is not ASCII");
    strbuf_addstr(b, "From: ");
    if (*name) {
        mime_header_phrase(b, name, sizeof "From: " - 1);
        /* On its own line, so that name and address need not fit on one. */
        strbuf_addf(b, "\r\n <%s>\r\n", address);
    } else {
        strbuf_addf(b, "%s\r\n", address);
    }
    return RC_OK;
}

static enum rc write_subject(
    struct scope *s, const char *subject, struct mime_message *message, struct strbuf *b)
{
    struct text_template text_template;
    TRY(text_template_cut(s, subject, strlen(subject), &text_template));
    strbuf_addstr(b, "Subject: ");
    if (text_template.n > 1) {
        TRY(add_raw(s, message, b));
        add_segment(message, SEGMENT_SUBJECT, text_template);
    } else {
        mime_header_text(b, subject, subject_column);
    }
    strbuf_addstr(b, "\r\n");
    return RC_OK;
}

static void write_list_headers(const struct mime_spec *spec, struct strbuf *b)
{
    if (spec->thread_id)
        strbuf_addf(
            b, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", spec->thread_id, spec->thread_id);
    if (spec->list_id)
        strbuf_addf(b, "List-Id: <%s>\r\n", spec->list_id);
    if (spec->unsubscribe_base)
        strbuf_addf(b,
            "List-Unsubscribe: <%s%s>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            spec->unsubscribe_base, text_template_marker(PLACEHOLDER_TOKEN));
    strbuf_addstr(b, "Auto-Submitted: auto-generated\r\n");
    if (spec->feedback_id)
        strbuf_addf(b, "Feedback-ID: %s\r\n", spec->feedback_id);
    strbuf_addstr(b, "MIME-Version: 1.0\r\n");
}

static enum rc write_header(
    struct scope *s, const struct mime_spec *spec, struct mime_message *message, struct strbuf *b)
{
    strbuf_addf(b, "Date: %s\r\n", clock_rfc5322(s, spec->date));
    TRY(write_from(s, spec->from, b));
    strbuf_addf(b, "To: %s\r\n", text_template_marker(PLACEHOLDER_ADDRESS));
    TRY(write_subject(s, spec->subject, message, b));
    strbuf_addf(b, "Message-ID: <%s@%s>\r\n", text_template_marker(PLACEHOLDER_MESSAGE_ID),
        spec->message_domain);
    write_list_headers(spec, b);
    return RC_OK;
}

enum rc mime_compile(struct scope *s, const struct mime_spec *spec, struct mime_message **ret)
{
    TRY(check_spec(s, spec));
    struct mime_message *message = SCOPE_NEW(s, struct mime_message);
    STRBUF(b, COMPILED_MAX);
    TRY(write_header(s, spec, message, &b));
    if (!spec->html) {
        strbuf_addstr(&b, PART_HEADER("plain"));
        TRY(add_raw(s, message, &b));
        TRY(add_body(s, message, SEGMENT_TEXT, spec->text));
        *ret = message;
        return RC_OK;
    }
    strbuf_addstr(&b, "Content-Type: multipart/alternative;\r\n boundary=\"" BOUNDARY "\"\r\n\r\n"
                      "--" BOUNDARY "\r\n" PART_HEADER("plain"));
    TRY(add_raw(s, message, &b));
    TRY(add_body(s, message, SEGMENT_TEXT, spec->text));
    strbuf_addstr(&b, "\r\n--" BOUNDARY "\r\n" PART_HEADER("html"));
    TRY(add_raw(s, message, &b));
    TRY(add_body(s, message, SEGMENT_HTML, spec->html));
    strbuf_addstr(&b, "\r\n--" BOUNDARY "--\r\n");
    TRY(add_raw(s, message, &b));
    *ret = message;
    return RC_OK;
}

/* ---- filling ---- */

static bool value_fits_header(int placeholder, const char *value)
{
    if (placeholder == PLACEHOLDER_TOKEN || placeholder == PLACEHOLDER_MESSAGE_ID)
        return is_graph(value, "<>");
    if (placeholder >= PLACEHOLDER_FIELD)
        return !strpbrk(value, "\r\n");
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    return true;
}

static enum rc check_values(
    struct scope *s, const struct mime_message *message, const char *const values[PLACEHOLDER_MAX])
{
    for (int placeholder = 0; placeholder < PLACEHOLDER_MAX; placeholder++)
        if (message->in_header[placeholder] && values[placeholder] &&
            !value_fits_header(placeholder, values[placeholder]))
            return fail(s, RC_INVALID, "the value of placeholder %d is not allowed in a header",
                placeholder);
    return RC_OK;
}

static void put_text(struct strbuf *b, const char *value)
{
    size_t column = 0;
    mime_qp(b, value, strlen(value), &column);
}

static void put_html(struct strbuf *b, const char *value)
{
    size_t column = 0;
    mime_qp_html(b, value, strlen(value), &column);
}

/* Encoded words are split per recipient, since their ends depend on the values. */
static void fill_subject(const struct text_template *text_template,
    const char *const values[PLACEHOLDER_MAX], struct strbuf *b)
{
    STRBUF(subject, COMPILED_MAX);
    text_template_fill(text_template, values, NULL, &subject);
    mime_header_text(b, subject.buf, subject_column);
}

enum rc mime_fill(struct scope *s, const struct mime_message *message,
    const char *const values[PLACEHOLDER_MAX], struct strbuf *b)
{
    TRY(check_values(s, message, values));
    for (size_t i = 0; i < message->n; i++) {
        const struct segment *segment = &message->segment[i];
        switch (segment->kind) {
        case SEGMENT_RAW:
            text_template_fill(&segment->text_template, values, NULL, b);
            break;
        case SEGMENT_SUBJECT:
            fill_subject(&segment->text_template, values, b);
            break;
        case SEGMENT_TEXT:
            text_template_fill(&segment->text_template, values, put_text, b);
            break;
        case SEGMENT_HTML:
            text_template_fill(&segment->text_template, values, put_html, b);
            break;
        }
    }
    return RC_OK;
}
