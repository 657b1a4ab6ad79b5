/* Mails as read by GMime, which is independent of us. */
#include <gmime/gmime.h>

#include "messages/mime.h"
#include "tests/unit/tap.h"

static const struct mime_spec spec = {
    .from = "Z\xc3\xbcrich Status <status@b\xc3\xbc"
            "cher.example>",
    .subject = "Chat is down: \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80 \x1f"
               "3\x1f",
    .list_id = "status.example.com",
    .message_domain = "status.example.com",
    .date = INT64_C(1358226360000000),
    .unsubscribe_base = "https://status.example.com/u/",
    .thread_id = "incident-1@status.example.com",
    .text = "Z\xc3\xbcrich \x1f"
            "3\x1f\n.\n..dots\n",
    .html = "<p>Z\xc3\xbcrich <b>\x1f"
            "3\x1f</b></p>\n",
};

static GMimeMessage *read_mail(const struct strbuf *wire)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(wire->buf, wire->len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    return message;
}

static const char *header(GMimeMessage *message, const char *name)
{
    return g_mime_object_get_header(GMIME_OBJECT(message), name);
}

/* The only address of a list, and its name. */
static const char *address(InternetAddressList *list, const char **ret_name)
{
    if (internet_address_list_length(list) != 1)
        return NULL;
    InternetAddress *one = internet_address_list_get_address(list, 0);
    *ret_name = internet_address_get_name(one);
    return internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(one));
}

static void check_headers(GMimeMessage *message)
{
    const char *name = NULL;
    is_text(address(g_mime_message_get_from(message), &name), "status@xn--bcher-kva.example",
        "From: the domain in ASCII");
    is_text(name, "Z\xc3\xbcrich Status", "and its name");
    is_text(g_mime_message_get_subject(message),
        "Chat is down: \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80 <Ann & Lee>", "Subject");
    is_text(g_mime_message_get_message_id(message), "b1.r2@status.example.com", "Message-ID");
    is_int(g_date_time_to_unix(g_mime_message_get_date(message)), 1358226360, "Date");
    is_text(header(message, "References"), "<incident-1@status.example.com>", "References");
    is_text(header(message, "In-Reply-To"), "<incident-1@status.example.com>", "In-Reply-To");
    is_text(header(message, "List-Unsubscribe"), "<https://status.example.com/u/tok.en>",
        "List-Unsubscribe");
    is_text(header(message, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click", "by one click");
    is_text(header(message, "Auto-Submitted"), "auto-generated", "Auto-Submitted");
}

static void check_part(GMimeMultipart *body, int n, const char *subtype, const char *want)
{
    GMimeObject *part = g_mime_multipart_get_part(body, n);
    GMimeContentType *type = g_mime_object_get_content_type(part);
    ok(g_mime_content_type_is_type(type, "text", subtype), "part %d is text/%s", n, subtype);
    is_text(g_mime_content_type_get_parameter(type, "charset"), "utf-8", "its charset");
    is_int(g_mime_part_get_content_encoding(GMIME_PART(part)),
        GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE, "7-bit by quoted-printable");
    char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
    is_text(text, want, "its text");
    g_free(text);
}

static void check_mail(struct scope *s, const struct mime_message *compiled, const char *to)
{
    const char *values[PLACEHOLDER_MAX] = {"tok.en", to, "b1.r2", "<Ann & Lee>"};
    STRBUF(wire, 1 << 20);
    STRBUF(again, 1 << 20);
    ok(mime_fill(s, compiled, values, &wire) == RC_OK, "to %s", to);
    mime_fill(s, compiled, values, &again);
    is_text(again.buf, wire.buf, "another attempt is the same mail");
    GMimeMessage *message = read_mail(&wire);
    const char *name = NULL;
    is_text(address(g_mime_message_get_to(message), &name), to, "To");
    check_headers(message);
    GMimeObject *body = g_mime_message_get_mime_part(message);
    if (ok(GMIME_IS_MULTIPART(body) &&
                g_mime_content_type_is_type(
                    g_mime_object_get_content_type(body), "multipart", "alternative") &&
                g_mime_multipart_get_count(GMIME_MULTIPART(body)) == 2,
            "two alternatives")) {
        check_part(
            GMIME_MULTIPART(body), 0, "plain", "Z\xc3\xbcrich <Ann & Lee>\r\n.\r\n..dots\r\n");
        check_part(GMIME_MULTIPART(body), 1, "html",
            "<p>Z\xc3\xbcrich <b>&lt;Ann &amp; Lee&gt;</b></p>\r\n");
    }
    g_object_unref(message);
}

int main(void)
{
    SCOPE(s);
    struct mime_message *compiled;
    g_mime_init();
    ok(mime_compile(s, &spec, &compiled) == RC_OK, "compiles");
    check_mail(s, compiled, "ann@example.com");
    check_mail(s, compiled, "ann@xn--bcher-kva.example");
    check_mail(s, compiled, "\xc3\xa4nn@example.com");
    g_mime_shutdown();
    return tap_end();
}
