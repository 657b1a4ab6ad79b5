/* /staff/alerts/sources/{name}: a source is changed, and its secret rotated, which is shown once.
 */
#include <stdlib.h>
#include <string.h>

#include "api/console/alerts/alerts.h"
#include "api/console/alerts/matchers.h"
#include "core/json.h"

static const struct alerts_field fields[] = {
    {"name", ALERTS_TEXT},
    {"former_names", ALERTS_LIST},
    {"topics", ALERTS_LIST},
    {"per_minute", ALERTS_NUMBER},
    {.name = NULL},
};

static const char *const lists[] = {"former_names", "topics"};

static const char *path_of(struct call *c)
{
    return scope_printf(c->s, "/v1/alert-sources/%s", console_escaped(c, c->param[0]));
}

static const char *indented(struct call *c, const json_t *document)
{
    char *text = json_is_object(document)
                     ? json_dumps(document, JSON_INDENT(2) | JSON_PRESERVE_ORDER)
                     : NULL;
    const char *kept = text ? scope_strdup(c->s, text) : "";
    free(text);
    return kept;
}

struct shown {
    json_t *problem, *made;
    bool bad_json; /* of the document */
};

static enum rc show(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object()), *source, *values;
    TRY(console_get(c, path_of(c), &source));
    const json_t *document = json_object_get(source, "document");
    const char *format = json_is_object(document) ? "" : json_get_word(source, "format");
    values = alerts_shown(c, source, fields);
    json_object_set_new(context, "source", values);
    json_object_set_new(values, "document", json_string(indented(c, document)));
    json_object_set_new(context, "formats", alerts_formats(c, format));
    json_object_set_new(context, "own", json_boolean(!*format));
    json_object_set_new(context, "more",
        json_boolean(!*format || c->form || json_array_size(json_object_get(source, "topics"))));
    json_object_set(context, "until", json_object_get(source, "previous_until"));
    json_object_set_new(context, "overlaps", alerts_overlaps(c));
    json_object_set_new(context, "keyed", json_true());
    json_object_set_new(context, "rotates", json_boolean(strcmp(format, "cloudwatch") != 0));
    json_object_set_new(context, "target", json_string(c->request->target));
    json_object_set(context, "name", json_object_get(source, "name"));
    alerts_put_made(shown.made, context);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        matchers_name_errors(shown.problem, lists[i], lists[i]);
    console_put_problem(c, context, shown.problem);
    if (shown.bad_json) {
        console_put_error(c, context, "document", "no_json");
        c->reply.status = 422;
    }
    console_title(context, json_get_word(source, "name"));
    return console_reply(c, "alerts/source", context);
}

enum rc console_alert_source(struct call *c)
{
    return show(c, (struct shown){0});
}

static enum rc rotate(struct call *c)
{
    json_t *reply;
    if (!alerts_rotate(c, path_of(c), &reply))
        return show(c, (struct shown){.problem = reply});
    alerts_put_token(c, reply);
    return show(c, (struct shown){.made = reply});
}

static enum rc change(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *document, *reply;
    const char *text = form_text(c->form, "document", "");
    const char *format = form_text(c->form, "format", "");
    alerts_take(c, body, fields);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!json_object_get(body, lists[i]))
            json_object_set_new(body, lists[i], json_array());
    if (*format)
        json_object_set_new(body, "format", json_string(format));
    if (*text) {
        SCOPE(inner);
        if (json_parse(inner, text, strlen(text), &document) != RC_OK)
            return show(c, (struct shown){.bad_json = true});
        json_object_set(body, "document", document);
    }
    if (!console_call(c, PATCH, path_of(c), body, &reply))
        return show(c, (struct shown){.problem = reply});
    return console_go(c, "/staff/alerts/sources");
}

enum rc console_alert_source_post(struct call *c)
{
    return strcmp(form_text(c->form, "do", ""), "rotate") ? change(c) : rotate(c);
}
