#include "notifier/outbox/outbox_message.h"

#include <string.h>

#include "core/json.h"
#include "core/mail/mail_read.h"
#include "core/mail/report.h"
#include "messages/broadcast.h"
#include "messages/content.h"
#include "messages/facts.h"
#include "messages/segments.h"
#include "notifier/mail/mail_message.h"

enum {
    SMS_MAX = 64 * 1024,
    MAIL_MAX = 4 * 1024 * 1024,
    HEADERS_MAX = 64 * 1024,
    SUMMARY_MAX = 200
};

static const char *make_mail(struct scope *s, const struct sender *sender, const char *domain,
    struct recipient *r, struct outbox_message *ret)
{
    struct smtp_message mail = {.rcpt = r->address};
    struct mail_read read;
    strbuf_init(&mail.wire, MAIL_MAX);
    bool made = mail_message_build(sender, domain, r, &mail);
    ret->body = made ? strbuf_copy(&mail.wire, s) : NULL;
    size_t len = mail.wire.len;
    strbuf_release(&mail.wire);
    if (!made || mail_read(s, ret->body, len, &read) != RC_OK)
        return "unrenderable";
    ret->address = r->address;
    ret->subject = read.subject;
    return NULL;
}

/* The title of the incident, or the first words of the text: up to a link, whose token acts for the
 * reader, or the end of a line. */
static const char *subject_of(struct scope *s, const struct recipient *r, const char *text)
{
    const struct broadcast *b = r->batch->broadcast;
    if (broadcast_is_of_incident(b) && b->facts)
        return report_line(s, b->facts->incident.title, SUMMARY_MAX);
    text += strspn(text, "*");
    const char *link = strstr(text, "http");
    size_t len = strcspn(text, "*\n");
    if (link && len > (size_t)(link - text))
        len = (size_t)(link - text);
    return report_line(s, scope_strndup(s, text, len), SUMMARY_MAX);
}

static const char *make_sms(
    struct scope *s, const struct sender *sender, struct recipient *r, struct outbox_message *ret)
{
    STRBUF(text, SMS_MAX);
    http_request_text(sender, r, &text);
    ret->body = strbuf_copy(&text, s);
    ret->address = r->address;
    ret->subject = subject_of(s, r, ret->body);
    ret->segments = segments_count(ret->body).segments;
    return NULL;
}

/* The text that a product shows in a notification: the first under one of their usual names. */
static const char *title_of(const json_t *json) // NOLINT
{
    static const char *const names[] = {"text", "content", "fallbackText", "title", "summary",
        "message", "name", "subject", "body"};
    const char *key, *found = "";
    json_t *value;
    size_t i;
    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        if (*json_get_word(json, names[i]))
            return json_get_word(json, names[i]);
    json_object_foreach((json_t *)json, key, value)
    {
        if (*(found = title_of(value)))
            return found;
    }
    json_array_foreach(json, i, value)
    {
        if (*(found = title_of(value)))
            return found;
    }
    return json_get_word(json, "type");
}

/* The path of an incoming webhook is its password. */
static const char *without_secret(struct scope *s, const char *url)
{
    const char *host = strstr(url, "://");
    if (!host || address_is_slack_bot(url))
        return url;
    int len = (int)(host + 3 - url) + (int)strcspn(host + 3, "/?#");
    return scope_printf(s, "%.*s/...", len, url);
}

static const char *headers_of(struct scope *s, const struct http_request *request)
{
    STRBUF(b, HEADERS_MAX);
    for (const struct curl_slist *at = request->headers; at; at = at->next)
        if (strncasecmp(at->data, "Authorization:", 14) != 0 &&
            strncasecmp(at->data, "Expect:", 7) != 0)
            strbuf_addf(&b, "%s\n", at->data);
    return strbuf_copy(&b, s);
}

static const char *make_post(struct scope *s, const struct sender *sender,
    struct http_request *request, struct recipient *r, struct outbox_message *ret)
{
    json_t *json;
    request->recipient = r;
    const char *reason = http_request_prepare(s, sender, request);
    if (reason)
        return reason;
    ret->body = strbuf_copy(&request->body, s);
    ret->address = without_secret(s, r->address);
    ret->headers = headers_of(s, request);
    if (json_parse(s, request->body.buf, request->body.len, &json) != RC_OK)
        return "unrenderable";
    ret->subject = subject_of(s, r, title_of(json));
    return NULL;
}

const char *outbox_message_make(struct scope *s, const struct sender *sender, const char *domain,
    struct http_request *request, struct recipient *r, struct outbox_message *ret)
{
    *ret = (struct outbox_message){.headers = "", .segments = SHAPE_NONE};
    if (r->content->trouble)
        return r->content->trouble;
    if (r->batch->channel == CHANNEL_EMAIL)
        return make_mail(s, sender, domain, r, ret);
    if (r->batch->channel == CHANNEL_SMS)
        return make_sms(s, sender, r, ret);
    return make_post(s, sender, request, r, ret);
}
