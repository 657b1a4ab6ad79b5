#include "core/mail/bounce.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail/report.h"
#include "core/strbuf.h"
#include "core/utf8.h"

enum { PARTS_MAX = 100, PATHS_MAX = 16 };

const char *const bounce_kind_name[] = {"other", "auto_reply", "bounce", "complaint"};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_object(void *object)
{
    g_object_unref(object);
}

static void free_text(void *text)
{
    g_free(text);
}

static GMimeMessage *parse(struct scope *s, const char *bytes, size_t len)
{
    pthread_once(&once, g_mime_init);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    if (message)
        scope_defer(s, free_object, message);
    return message;
}

/* The first value of a header, raw but unfolded; "" if it is absent. */
static const char *header(struct scope *s, GMimeObject *object, const char *name)
{
    const char *value = object ? g_mime_object_get_header(object, name) : NULL;
    return report_line(s, value ? value : "", REPORT_TEXT_MAX);
}

/* The body of a part, decoded. */
static const char *content(struct scope *s, GMimeObject *object)
{
    if (GMIME_IS_PART(object)) {
        GMimeDataWrapper *wrapper = g_mime_part_get_content(GMIME_PART(object));
        GMimeStream *memory = g_mime_stream_mem_new();
        if (wrapper)
            g_mime_data_wrapper_write_to_stream(wrapper, memory);
        GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
        const char *text =
            bytes && bytes->len ? scope_strndup(s, (char *)bytes->data, bytes->len) : "";
        g_object_unref(memory);
        return text;
    }
    char *whole = g_mime_object_to_string(object, NULL);
    scope_defer(s, free_text, whole);
    const char *end = strstr(whole, "\n\n");
    return end ? end + 2 : "";
}

/* The findings of the walk over the parts. */
struct found {
    struct scope *s;
    int parts;
    const char *status_text, *feedback_text, *plain;
    GMimeObject *original; /* headers of the original message */
    const char *original_headers;
};

static void look(GMimeObject *parent, GMimeObject *part, gpointer arg)
{
    struct found *found = arg;
    GMimeContentType *type = g_mime_object_get_content_type(part);
    (void)parent;
    if (found->parts++ > PARTS_MAX || !type)
        return;
    if (!found->status_text &&
        (g_mime_content_type_is_type(type, "message", "delivery-status") ||
            g_mime_content_type_is_type(type, "message", "global-delivery-status")))
        found->status_text = content(found->s, part);
    else if (!found->feedback_text &&
             g_mime_content_type_is_type(type, "message", "feedback-report"))
        found->feedback_text = content(found->s, part);
    else if (!found->original && GMIME_IS_MESSAGE_PART(part))
        found->original = (GMimeObject *)g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
    else if (!found->original_headers &&
             (g_mime_content_type_is_type(type, "text", "rfc822-headers") ||
                 g_mime_content_type_is_type(type, "message", "rfc822-headers")))
        found->original_headers = content(found->s, part);
    else if (!found->plain && g_mime_content_type_is_type(type, "text", "plain"))
        found->plain = content(found->s, part);
}

/* Addresses between < and >, or the words of a header with an @. */
static void add_paths(struct scope *s, const char *text, const char **at, size_t *n)
{
    static const char separators[] = " \t,;<>()\"";
    char *copy = scope_strdup(s, text), *rest = NULL;
    for (char *word = strtok_r(copy, separators, &rest); word && *n < PATHS_MAX;
         word = strtok_r(NULL, separators, &rest))
        if (strchr(word, '@'))
            at[(*n)++] = word;
}

static struct texts find_paths(
    struct scope *s, GMimeObject *outer, const struct found *found, const struct report *feedback)
{
    static const char *const names[] = {
        "X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To", NULL};
    const char **at = SCOPE_ARRAY(s, const char *, PATHS_MAX);
    size_t n = 0;
    for (const char *const *name = names; *name; name++)
        add_paths(s, header(s, outer, *name), at, &n);
    add_paths(s, report_get(feedback, "Original-Mail-From"), at, &n);
    add_paths(s, header(s, found->original, "Return-Path"), at, &n);
    struct report headers;
    report_read(s, found->original_headers, &headers);
    add_paths(s, report_get(&headers, "Return-Path"), at, &n);
    return (struct texts){.at = at, .n = n};
}

static bool is_automatic(struct scope *s, GMimeObject *message)
{
    const char *submitted = header(s, message, "Auto-Submitted");
    const char *precedence = header(s, message, "Precedence");
    return (*submitted && strncasecmp(submitted, "no", 2) != 0) ||
           !strcasecmp(precedence, "auto_reply") || *header(s, message, "X-Autoreply") ||
           *header(s, message, "X-Autorespond") || *header(s, message, "X-Auto-Response-Suppress");
}

static void read_report(struct scope *s, const char *text, struct bounce *ret)
{
    struct report report;
    report_read_failed(s, text, &report);
    const char *action = report_get(&report, "Action");
    const char *status = report_status(s, report_get(&report, "Status"));
    const char *diagnostic = report_get(&report, "Diagnostic-Code");
    const char *semicolon = strchr(diagnostic, ';');
    diagnostic = semicolon ? semicolon + 1 + strspn(semicolon + 1, " ") : diagnostic;
    ret->kind = BOUNCE_REPORT;
    ret->status = status;
    ret->diagnostic = *diagnostic ? diagnostic : NULL;
    /* "failed (permanent)": a comment may follow. */
    bool failed = !strncasecmp(action, "failed", 6) || (!*action && status && *status == '5');
    ret->class = failed ? bounce_class(status, ret->diagnostic) : NULL;
}

/* Plain text: qmail (QSBMF) and old Exim. */
static void read_plain(struct scope *s, const char *text, struct bounce *ret)
{
    const char *said = report_plain(s, text);
    ret->kind = BOUNCE_REPORT;
    ret->diagnostic = *said ? said : NULL;
    ret->status = report_status(s, said);
    ret->class = bounce_class(ret->status, said);
}

static void read_complaint(const struct report *feedback, struct bounce *ret)
{
    const char *type = report_get(feedback, "Feedback-Type");
    ret->kind = BOUNCE_COMPLAINT;
    ret->diagnostic = *type ? type : NULL;
    if (!strcasecmp(type, "abuse") || !strcasecmp(type, "opt-out"))
        ret->class = "complaint";
}

void bounce_read(struct scope *s, const char *message, size_t len, struct bounce *ret)
{
    *ret = (struct bounce){.kind = BOUNCE_OTHER};
    GMimeMessage *parsed = parse(s, message, len < BOUNCE_READ ? len : BOUNCE_READ);
    if (!parsed)
        return;
    GMimeObject *outer = (GMimeObject *)parsed;
    struct found found = {.s = s};
    struct report feedback;
    GMimeObject *body = g_mime_message_get_mime_part(parsed);
    if (body) {
        look(NULL, body, &found);
        if (GMIME_IS_MULTIPART(body))
            g_mime_multipart_foreach(GMIME_MULTIPART(body), look, &found);
    }
    report_read(s, found.feedback_text, &feedback);
    if (found.feedback_text)
        read_complaint(&feedback, ret);
    else if (found.status_text)
        read_report(s, found.status_text, ret);
    else if (found.plain &&
             (report_is_qmail(found.plain) || *header(s, outer, "X-Failed-Recipients")))
        read_plain(s, found.plain, ret);
    else if (is_automatic(s, outer))
        ret->kind = BOUNCE_AUTO_REPLY;
    ret->paths = find_paths(s, outer, &found, &feedback);
}
