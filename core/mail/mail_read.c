#include "core/mail/mail_read.h"

#include <gmime/gmime.h>
#include <pthread.h>

#include "core/mail/report.h"
#include "core/strbuf.h"

enum { SUBJECT_MAX = 998, HEADERS_MAX = 256 * 1024 }; /* RFC 5322, 2.1.1 */

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_object(void *object)
{
    g_object_unref(object);
}

struct found {
    struct scope *s;
    struct mail_read *mail;
};

static const char *content(struct scope *s, GMimePart *part)
{
    char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
    const char *copy = scope_strdup(s, text ? text : "");
    g_free(text);
    return copy;
}

static void look(GMimeObject *parent, GMimeObject *part, gpointer arg)
{
    struct found *found = arg;
    GMimeContentType *type = g_mime_object_get_content_type(part);
    (void)parent;
    if (!GMIME_IS_TEXT_PART(part))
        return;
    if (g_mime_content_type_is_type(type, "text", "html"))
        found->mail->html = content(found->s, GMIME_PART(part));
    else
        found->mail->text = content(found->s, GMIME_PART(part));
}

static const char *headers_of(struct scope *s, GMimeMessage *message)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    STRBUF(b, HEADERS_MAX);
    for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        strbuf_addf(&b, "%s: %s\n", g_mime_header_get_name(header),
            report_line(s, g_mime_header_get_value(header), SUBJECT_MAX));
    }
    return strbuf_copy(&b, s);
}

enum rc mail_read(struct scope *s, const char *bytes, size_t len, struct mail_read *ret)
{
    pthread_once(&once, g_mime_init);
    *ret = (struct mail_read){.subject = "", .headers = "", .text = "", .html = ""};
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    if (!message)
        return fail(s, RC_INVALID, "not a mail");
    scope_defer(s, free_object, message);
    const char *subject = g_mime_message_get_subject(message);
    ret->subject = report_line(s, subject ? subject : "", SUBJECT_MAX);
    ret->headers = headers_of(s, message);
    struct found found = {.s = s, .mail = ret};
    GMimeObject *body = g_mime_message_get_mime_part(message);
    if (GMIME_IS_MULTIPART(body))
        g_mime_multipart_foreach(GMIME_MULTIPART(body), look, &found);
    else if (body)
        look(NULL, body, &found);
    return RC_OK;
}
