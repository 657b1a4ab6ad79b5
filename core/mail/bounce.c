#include "core/mail/bounce.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <fnmatch.h>

#include "core/mail/bounce_text.h"
#include "core/mail/refusal.h"
#include "core/mail/words.h"
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
    const char *status_text, *feedback_text, *plain, *html;
    GMimeObject *original; /* headers of the original message */
    const char *original_headers;
};

/* The first part is the notice; Exchange and others put a second text behind it. */
static const char *add_text(struct found *found, GMimeObject *part)
{
    const char *text = content(found->s, part);
    return found->plain ? scope_printf(found->s, "%s\n\n%s", found->plain, text) : text;
}

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
    else if (g_mime_content_type_is_type(type, "text", "plain"))
        found->plain = add_text(found, part);
    else if (!found->html && g_mime_content_type_is_type(type, "text", "html"))
        found->html = bounce_text_of_html(found->s, content(found->s, part));
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

/* A header of the returned copy, wherever the copy stands; "" without. */
static const char *copied(const struct found *found, const char *name)
{
    const char *value = header(found->s, found->original, name);
    const char *const texts[] = {found->original_headers, found->plain};
    for (size_t i = 0; !*value && i < sizeof texts / sizeof texts[0]; i++) {
        const char *field = texts[i] ? bounce_text_field(found->s, texts[i], name) : NULL;
        value = field ? field : value;
    }
    return value;
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
    add_paths(s, copied(found, "Return-Path"), at, &n);
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

/* Mail servers write as these, or from the null sender. */
static bool is_daemon(struct scope *s, GMimeObject *message)
{
    static const char *const senders[] = {"*mailer-daemon*", "*postmaster*", "*mail*daemon*",
        "*mdaemon*", "*microsoftexchange*", "*mail*delivery*", "*mail system*", "*bounce*@*", NULL};
    const char *from = header(s, message, "From");
    for (const char *const *sender = senders; *sender; sender++)
        if (!fnmatch(*sender, from, FNM_CASEFOLD))
            return true;
    return *header(s, message, "X-Failed-Recipients") != '\0';
}

/* People answer, and their programs do, to a notice that they quote. */
static bool is_notice(struct scope *s, GMimeObject *message, const char *text)
{
    const char *subject = header(s, message, "Subject");
    const char *path = header(s, message, "Return-Path");
    bool answer = *header(s, message, "In-Reply-To") && !is_daemon(s, message);
    bool null_sender = !strcmp(path, "<>") && strncasecmp(subject, "re:", 3) != 0;
    return text && !answer && (is_daemon(s, message) || null_sender) &&
           (bounce_text_is_notice(s, subject, text) || *header(s, message, "X-Failed-Recipients"));
}

static const char *class_of(enum refusal_reason reason, const struct refusal *refusal)
{
    bool permanent = refusal_is_permanent(refusal);
    bool routing = refusal->status && !strncmp(refusal->status + 1, ".4.", 3);
    switch (reason) {
    case REFUSAL_MAILBOX:
        return permanent ? "hard" : "soft";
    case REFUSAL_HOST: /* at x.4.x the resolver of the relay may be at fault */
        return permanent && !routing ? "hard" : "soft";
    case REFUSAL_UNKNOWN:
    case REFUSAL_QUOTA:
    case REFUSAL_DEFERRED:
        return "soft";
    case REFUSAL_RELAY:
    case REFUSAL_SENDER:
    case REFUSAL_AUTH:
    case REFUSAL_REPUTATION:
    case REFUSAL_CONTENT:
    case REFUSAL_POLICY:
        break;
    }
    return "message";
}

const char *bounce_class(const char *status, const char *diagnostic)
{
    struct refusal refusal = {.status = status, .text = diagnostic};
    return class_of(refusal_read(&refusal), &refusal);
}

/* The type before a diagnostic, "smtp;", is left out. */
static const char *without_type(const char *diagnostic)
{
    size_t type = strcspn(diagnostic, "; ");
    return diagnostic[type] == ';' ? diagnostic + type + 1 + strspn(diagnostic + type + 1, " ")
                                   : diagnostic;
}

static bool says_reason(const struct bounce *bounce)
{
    struct refusal refusal = {.status = bounce->status, .text = bounce->diagnostic};
    return refusal_read(&refusal) != REFUSAL_UNKNOWN;
}

static void read_report(struct scope *s, const struct found *found, struct bounce *ret)
{
    struct report report;
    report_read_failed(s, found->status_text, &report);
    const char *action = report_get(&report, "Action");
    const char *diagnostic = without_type(report_get(&report, "Diagnostic-Code"));
    ret->kind = BOUNCE_REPORT;
    ret->status = refusal_status(s, report_get(&report, "Status"));
    ret->diagnostic = *diagnostic ? diagnostic : NULL;
    /* "failed (permanent)": a comment may follow. */
    bool failed =
        !strncasecmp(action, "failed", 6) || (!*action && ret->status && *ret->status == '5');
    if (failed && ret->status && found->plain && !says_reason(ret)) {
        struct bounce_text text;
        bounce_text_read(s, found->plain, &text);
        if (text.diagnostic)
            ret->diagnostic = text.diagnostic;
    }
    ret->class = failed ? bounce_class(ret->status, ret->diagnostic) : NULL;
}

static void read_plain(struct scope *s, const char *text, struct bounce *ret)
{
    struct bounce_text said;
    bounce_text_read(s, text, &said);
    ret->kind = BOUNCE_REPORT;
    ret->diagnostic = said.diagnostic ? without_type(said.diagnostic) : NULL;
    ret->status =
        said.status || !said.diagnostic ? said.status : refusal_status(s, said.diagnostic);
    ret->class = said.delayed ? NULL : bounce_class(ret->status, ret->diagnostic);
}

/* The type of feedback in a report, or in a text that has its fields; "" without. */
static const char *feedback_type(
    struct scope *s, const struct report *feedback, const struct found *found)
{
    if (found->feedback_text)
        return report_get(feedback, "Feedback-Type");
    const char *type = found->plain ? bounce_text_field(s, found->plain, "Feedback-Type") : NULL;
    return type && bounce_text_field(s, found->plain, "User-Agent") ? type : "";
}

static void read_complaint(const char *type, struct bounce *ret)
{
    ret->kind = BOUNCE_COMPLAINT;
    ret->diagnostic = *type ? type : NULL;
    if (!strncasecmp(type, "abuse", 5) || !strncasecmp(type, "opt-out", 7))
        ret->class = "complaint";
}

/* Microsoft's Junk Mail Reporting Program sends the message without a report. */
static bool is_jmrp(struct scope *s, GMimeObject *outer, const struct found *found)
{
    bool reporter = !fnmatch("*staff@hotmail.com*", header(s, outer, "From"), FNM_CASEFOLD);
    const char *subject = words_of(s, header(s, outer, "Subject"));
    return (reporter && words_have(subject, "complaint about message")) ||
           *header(s, found->original, "X-HmXmrOriginalRecipient") ||
           (reporter && *header(s, outer, "X-HmXmrOriginalRecipient"));
}

static void classify(
    struct scope *s, GMimeObject *outer, const struct found *found, struct bounce *ret)
{
    const char *text = found->plain ? found->plain : found->html;
    struct report feedback;
    report_read(s, found->feedback_text, &feedback);
    const char *type = feedback_type(s, &feedback, found);
    if (found->feedback_text || *type) {
        read_complaint(type, ret);
    } else if (is_jmrp(s, outer, found)) {
        *ret = (struct bounce){
            .kind = BOUNCE_COMPLAINT, .class = "complaint", .diagnostic = "abuse (JMRP)"};
    } else if (found->status_text) {
        read_report(s, found, ret);
    } else if (is_notice(s, outer, text)) {
        read_plain(s, text, ret);
    } else if (is_automatic(s, outer)) {
        ret->kind = BOUNCE_AUTO_REPLY;
    }
    ret->paths = find_paths(s, outer, found, &feedback);
    ret->message_id = copied(found, "Message-ID");
    ret->list_unsubscribe = copied(found, "List-Unsubscribe");
    ret->to = copied(found, "To");
}

void bounce_read(struct scope *s, const char *message, size_t len, struct bounce *ret)
{
    *ret = (struct bounce){.kind = BOUNCE_OTHER};
    GMimeMessage *parsed = parse(s, message, len < BOUNCE_READ ? len : BOUNCE_READ);
    if (!parsed)
        return;
    struct found found = {.s = s};
    GMimeObject *body = g_mime_message_get_mime_part(parsed);
    if (body) {
        look(NULL, body, &found);
        if (GMIME_IS_MULTIPART(body))
            g_mime_multipart_foreach(GMIME_MULTIPART(body), look, &found);
    }
    classify(s, (GMimeObject *)parsed, &found, ret);
}
