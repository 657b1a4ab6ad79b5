/* Every embedded message template renders its sample context strictly, and so do
 * contexts where everything that may be null or empty is. */
#include <stdlib.h>

#include "core/embed.h"
#include "core/json.h"
#include "templates/check/check.h"
#include "templates/label.h"
#include "templates/engine/template.h"
#include "tests/unit/tap.h"

static const struct message {
    const char *kind;
    const char *sample;
    const char *suffix;
} messages[] = {
    {.kind = "email/update", .sample = "update", .suffix = "subject.txt"},
    {.kind = "email/update", .sample = "update", .suffix = "txt"},
    {.kind = "email/update", .sample = "update", .suffix = "html"},
    {.kind = "email/confirmation", .sample = "confirmation", .suffix = "subject.txt"},
    {.kind = "email/confirmation", .sample = "confirmation", .suffix = "txt"},
    {.kind = "email/confirmation", .sample = "confirmation", .suffix = "html"},
    {.kind = "email/manage", .sample = "manage", .suffix = "subject.txt"},
    {.kind = "email/manage", .sample = "manage", .suffix = "txt"},
    {.kind = "email/manage", .sample = "manage", .suffix = "html"},
    {.kind = "email/notice", .sample = "notice", .suffix = "subject.txt"},
    {.kind = "email/notice", .sample = "notice", .suffix = "txt"},
    {.kind = "email/notice", .sample = "notice", .suffix = "html"},
    {.kind = "email/credit_notice", .sample = "credit_notice", .suffix = "subject.txt"},
    {.kind = "email/credit_notice", .sample = "credit_notice", .suffix = "txt"},
    {.kind = "email/credit_notice", .sample = "credit_notice", .suffix = "html"},
    {.kind = "email/digest", .sample = "digest", .suffix = "subject.txt"},
    {.kind = "email/digest", .sample = "digest", .suffix = "txt"},
    {.kind = "email/digest", .sample = "digest", .suffix = "html"},
    {.kind = "sms/digest", .sample = "digest", .suffix = "txt"},
    {.kind = "slack/digest", .sample = "digest", .suffix = "slack.json"},
    {.kind = "webhook/digest", .sample = "digest", .suffix = "json"},
    {.kind = "chat/digest", .sample = "digest", .suffix = "json"},
    {.kind = "sms/update", .sample = "update", .suffix = "txt"},
    {.kind = "sms/confirmation", .sample = "confirmation", .suffix = "txt"},
    {.kind = "sms/help", .sample = "help", .suffix = "txt"},
    {.kind = "sms/notice", .sample = "notice", .suffix = "txt"},
    {.kind = "slack/update", .sample = "update", .suffix = "slack.json"},
    {.kind = "slack/notice", .sample = "notice", .suffix = "slack.json"},
    {.kind = "chat/update", .sample = "update", .suffix = "json"},
    {.kind = "chat/notice", .sample = "notice", .suffix = "json"},
    {.kind = "push/update", .sample = "update", .suffix = "json"},
    {.kind = "push/update", .sample = "reminder", .suffix = "json"},
    {.kind = "push/notice", .sample = "notice", .suffix = "json"},
    {.kind = "push/digest", .sample = "digest", .suffix = "json"},
    {.kind = "email/credit_answer", .sample = "credit_answer", .suffix = "subject.txt"},
    {.kind = "email/credit_answer", .sample = "credit_answer", .suffix = "txt"},
    {.kind = "email/credit_answer", .sample = "credit_answer", .suffix = "html"},
    {.kind = "email/claim_answer", .sample = "claim_answer", .suffix = "subject.txt"},
    {.kind = "email/claim_answer", .sample = "claim_answer", .suffix = "txt"},
    {.kind = "email/claim_answer", .sample = "claim_answer", .suffix = "html"},
    {.kind = "email/account_link", .sample = "account_link", .suffix = "subject.txt"},
    {.kind = "email/account_link", .sample = "account_link", .suffix = "txt"},
    {.kind = "email/account_link", .sample = "account_link", .suffix = "html"},
    {.kind = "email/account_invitation", .sample = "account_invitation", .suffix = "subject.txt"},
    {.kind = "email/account_invitation", .sample = "account_invitation", .suffix = "txt"},
    {.kind = "email/account_invitation", .sample = "account_invitation", .suffix = "html"},
    {.kind = "email/sla_report", .sample = "sla_report", .suffix = "subject.txt"},
    {.kind = "email/sla_report", .sample = "sla_report", .suffix = "txt"},
    {.kind = "email/sla_report", .sample = "sla_report", .suffix = "html"},
    {.kind = "webhook/component_update", .sample = "component_update", .suffix = "json"},
    {.kind = "webhook/credit_event", .sample = "credit_event", .suffix = "json"},
    {.kind = "email/staff", .sample = "staff", .suffix = "subject.txt"},
    {.kind = "email/staff", .sample = "staff", .suffix = "txt"},
    {.kind = "email/staff", .sample = "staff", .suffix = "html"},
    {.kind = "slack/staff", .sample = "staff", .suffix = "slack.json"},
    {.kind = "email/endpoint", .sample = "endpoint", .suffix = "subject.txt"},
    {.kind = "email/endpoint", .sample = "endpoint", .suffix = "txt"},
    {.kind = "email/endpoint", .sample = "endpoint", .suffix = "html"},
    {.kind = "webhook/confirmation", .sample = "confirmation", .suffix = "json"},
    {.kind = "webhook/statuspage_update", .sample = "update", .suffix = "json"},
    {.kind = "webhook/update", .sample = "update", .suffix = "json"},
    {.kind = "webhook/notice", .sample = "notice", .suffix = "json"},
    {.kind = "slack/confirmation", .sample = "confirmation", .suffix = "slack.json"},
    {.kind = "chat/confirmation", .sample = "confirmation", .suffix = "json"},
    {.kind = "slack/manage", .sample = "manage", .suffix = "slack.json"},
    {.kind = "chat/manage", .sample = "manage", .suffix = "json"},
    {.kind = "webhook/manage", .sample = "manage", .suffix = "json"},
    {.kind = "sms/manage", .sample = "manage", .suffix = "txt"},
    {.kind = "slack/moved", .sample = "moved", .suffix = "slack.json"},
    {.kind = "chat/moved", .sample = "moved", .suffix = "json"},
    {.kind = "webhook/moved", .sample = "moved", .suffix = "json"},
    {.kind = "sms/moved", .sample = "moved", .suffix = "txt"},
    {.kind = "email/moved", .sample = "moved", .suffix = "subject.txt"},
    {.kind = "email/moved", .sample = "moved", .suffix = "txt"},
    {.kind = "email/moved", .sample = "moved", .suffix = "html"},
    {.kind = "email/update", .sample = "reminder", .suffix = "subject.txt"},
    {.kind = "email/update", .sample = "reminder", .suffix = "txt"},
    {.kind = "email/update", .sample = "reminder", .suffix = "html"},
    {.kind = "sms/update", .sample = "reminder", .suffix = "txt"},
    {.kind = "slack/update", .sample = "reminder", .suffix = "slack.json"},
    {.kind = "chat/update", .sample = "reminder", .suffix = "json"},
    {.kind = "webhook/update", .sample = "reminder", .suffix = "json"},
    {.kind = "webhook/credit_notice", .sample = "credit_notice", .suffix = "json"},
};

/* Hostile text of third parties. */
static const char nasty[] = "<!channel> \"&\\ {{x}} \xc3\xa4";

static json_t *sample(struct scope *s, const char *name)
{
    const struct embed *file = embed_find(scope_printf(s, "templates/samples/%s.json", name));
    json_t *json = NULL;
    if (!ok(file && json_parse(s, file->text, file->len, &json) == RC_OK, "sample %s", name))
        exit(1);
    return json;
}

static const char *locale; /* of the round */

static const char *render(
    struct scope *s, const struct message *m, const json_t *context, struct strbuf *out)
{
    struct template *t;
    enum rc rc = template_load(s, m->kind, locale, m->suffix, &t);
    if (rc == RC_OK)
        rc = template_render(s, t, context, out);
    ok(rc == RC_OK, "%s.%s: %s", m->kind, m->suffix, rc == RC_OK ? "renders" : s->fault.message);
    return out->buf;
}

static void check_form(const struct message *m, const char *text)
{
    const char *form = m->suffix;
    ok(!strstr(text, "{{"), "no tag is left");
    if (strstr(form, "json")) {
        SCOPE(s);
        json_t *json;
        enum rc rc = json_parse(s, text, strlen(text), &json);
        ok(rc == RC_OK, "%s", rc == RC_OK ? "is JSON" : s->fault.message);
    }
    if (!strcmp(form, "subject.txt") || !strncmp(m->kind, "sms/", 4))
        ok(text[0] && !strpbrk(text, "\r\n"), "is one line");
    if (!strcmp(form, "txt"))
        ok(!strstr(text, "\n\n\n"), "no great gaps");
}

static void check_sample(const struct message *m)
{
    SCOPE(s);
    STRBUF(out, 100000);
    check_form(m, render(s, m, sample(s, m->sample), &out));
}

static void check_bare(const struct message *m)
{
    SCOPE(s);
    STRBUF(out, 100000);
    json_t *context = sample(s, m->sample);
    message_make_bare(context);
    check_form(m, render(s, m, context, &out));
}

static void check_slack_title(void)
{
    SCOPE(s);
    STRBUF(out, 100000);
    json_t *context = sample(s, "update");
    json_object_set_new(json_object_get(context, "incident"), "title", json_string(nasty));
    const struct message m = {.kind = "slack/update", .suffix = "slack.json"};
    render(s, &m, context, &out);
    json_t *json = NULL;
    if (!ok(json_parse(s, out.buf, out.len, &json) == RC_OK, "hostile title: still JSON"))
        return;
    json_t *header = json_array_get(json_object_get(json, "blocks"), 0);
    is_text(json_string_value(json_object_get(json_object_get(header, "text"), "text")),
        "&lt;!channel&gt; \"&amp;\\ {{x}} \xc3\xa4", "title in the header");
    const char *at = out.buf;
    while ((at = strstr(at, "<!")) && !strncmp(at, "<!date^", strlen("<!date^")))
        at++;
    ok(!at, "no mention anywhere, but times");
    is_text(json_string_value(json_object_get(json, "text")),
        "Example Chat: &lt;!channel&gt; \"&amp;\\ {{x}} \xc3\xa4 - Monitoring", "fallback text");
}

static void check_webhook(void)
{
    SCOPE(s);
    STRBUF(out, 100000);
    json_t *context = sample(s, "update"), *json;
    json_object_set_new(json_object_get(context, "incident"), "title", json_string(nasty));
    const struct message m = {.kind = "webhook/update", .suffix = "json"};
    render(s, &m, context, &out);
    if (!ok(json_parse(s, out.buf, out.len, &json) == RC_OK, "hostile title: still JSON"))
        return;
    json_t *incident = json_object_get(json, "incident");
    is_text(json_string_value(json_object_get(incident, "title")), nasty, "title as it is");
    is_int((int64_t)json_array_size(json_object_get(incident, "components")), 2, "components");
    is_int(json_integer_value(json_object_get(json_object_get(json, "update"), "id")), 412, "id");
}

int main(void)
{
    static const char *const locales[] = {"ja", "de-AT", "fr", "es-MX", "pt-BR", "en"};
    for (size_t round = 0; round < sizeof locales / sizeof *locales; round++) {
        locale = locales[round];
        for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
            check_sample(&messages[i]);
            check_bare(&messages[i]);
        }
    }
    check_slack_title();
    check_webhook();
    SCOPE(s);
    struct template *t;
    is_int(template_load(s, "email/nothing", "en", "txt", &t), RC_NOT_FOUND, "no such kind");
    is_text(label_text(s, "de-AT", "state", "in_progress"), "Läuft", "label of the language");
    is_text(label_text(s, "nl", "state", "in_progress"), "In progress", "label in English");
    is_text(label_text(s, NULL, "level", "odd_level"), "odd_level", "no label");
    json_t *values = json_own(s, json_pack("{s:s, s:i, s:n}", "a", "one", "b", 2, "c"));
    is_text(label_fill(s, "{a}, {b}{c} {d} {", values), "one, 2{c} {d} {", "a label is filled");
    return tap_end();
}
