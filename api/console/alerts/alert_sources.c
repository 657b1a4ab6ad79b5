/* /staff/alerts/sources: where alerts come from. The token of a new source is shown once. */
#include <string.h>

#include "api/alerts/alert_format.h"
#include "api/console/alerts/alerts.h"
#include "api/console/alerts/matchers.h"
#include "api/console/confirm.h"
#include "core/embed.h"
#include "core/json.h"
#include "templates/label.h"

#define PAGE_PATH "/staff/alerts/sources"
#define FORMATS "templates/alerts/"

static const struct alerts_field fields[] = {
    {"name", ALERTS_TEXT},
    {"format", ALERTS_TEXT},
    {"secret", ALERTS_TEXT},
    {"topics", ALERTS_LIST},
    {"per_minute", ALERTS_NUMBER},
    {.name = NULL},
};

static const char *format_label(struct call *c, const char *name)
{
    const char *label = label_text(c->s, console_locale(c), "staff_alert_format", name);
    return label ? label : name;
}

json_t *alerts_formats(struct call *c, const char *chosen)
{
    json_t *list = json_array();
    for (size_t i = 0; i < embed_count; i++) {
        const char *path = embed_files[i].path;
        if (strncmp(path, FORMATS, strlen(FORMATS)) != 0)
            continue;
        const char *name = path + strlen(FORMATS);
        name = scope_strndup(c->s, name, strcspn(name, "."));
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", name, "label",
                                        format_label(c, name), "selected", !strcmp(name, chosen)));
    }
    return list;
}

void alerts_put_token(struct call *c, json_t *made)
{
    const struct alert_format *format;
    if (alert_format_load(c->s, json_get_word(made, "format"), &format) != RC_OK)
        return;
    if (!strcmp(format->auth->type, "token") || format->auth->or_token)
        json_object_set_new(made, "long_url",
            json_string(scope_printf(
                c->s, "%s/%s", json_get_word(made, "url"), json_get_word(made, "secret"))));
    if (!strcmp(format->auth->type, "sns"))
        json_object_set_new(made, "secret", json_null());
}

struct shown {
    json_t *problem, *made;
    bool bad_json; /* of the document */
};

static enum rc show(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object()), *sources, *one;
    size_t i;
    TRY(console_all_rows(c, "/v1/alert-sources", &sources));
    json_array_foreach(sources, i, one) json_object_set_new(
        one, "format_label", json_string(format_label(c, json_get_word(one, "format"))));
    json_object_set(context, "sources", sources);
    json_object_set_new(context, "formats", alerts_formats(c, ""));
    json_object_set_new(context, "own",
        json_boolean(c->form && !shown.made && *form_text(c->form, "document", "")));
    alerts_put_made(shown.made, context);
    matchers_name_errors(shown.problem, "topics", "topics");
    console_put_problem(c, context, shown.problem);
    if (shown.bad_json) {
        console_put_error(c, context, "document", "no_json");
        c->reply.status = 422;
    }
    return console_reply(c, "alerts/sources", context);
}

enum rc console_alert_sources(struct call *c)
{
    return show(c, (struct shown){0});
}

static enum rc add(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *document, *reply;
    const char *text = form_text(c->form, "document", "");
    alerts_take(c, body, fields);
    if (*text) {
        SCOPE(inner);
        if (json_parse(inner, text, strlen(text), &document) != RC_OK)
            return show(c, (struct shown){.bad_json = true});
        json_object_set(body, "document", document);
    }
    if (!console_call(c, POST, "/v1/alert-sources", body, &reply))
        return show(c, (struct shown){.problem = reply});
    if (!*text)
        alerts_put_token(c, reply);
    return show(c, (struct shown){.made = reply});
}

enum rc console_alert_sources_post(struct call *c)
{
    json_t *reply;
    const char *name = form_text(c->form, "source", "");
    if (strcmp(form_text(c->form, "do", ""), "delete") != 0)
        return add(c);
    if (!confirm_given(c))
        return confirm_ask(c, "remove_source", json_pack("{s:s}", "name", name), PAGE_PATH);
    const char *path = scope_printf(c->s, "/v1/alert-sources/%s", console_escaped(c, name));
    if (!console_call(c, DELETE, path, NULL, &reply))
        return show(c, (struct shown){.problem = reply});
    return console_go(c, PAGE_PATH);
}
