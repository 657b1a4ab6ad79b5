/* One click to resolve: the text of a template for that, or ours, held for the undo window. */
#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "templates/label.h"

enum { HOLD_SECONDS = 30 };

static const char *end_of(json_t *incident)
{
    return strcmp(json_get_word(incident, "kind"), "maintenance") ? "resolved" : "completed";
}

/* The first template of the kind in the state that ends it, or NULL. */
static json_t *template_of(json_t *templates, json_t *incident)
{
    size_t i;
    json_t *one;
    json_array_foreach(templates, i, one)
    {
        if (!strcmp(json_get_word(one, "kind"), json_get_word(incident, "kind")) &&
            !strcmp(json_get_word(one, "state"), end_of(incident)))
            return one;
    }
    return NULL;
}

static const char *text_of(struct call *c, json_t *template, json_t *incident)
{
    const char *own = json_get_text(template, "body");
    const char *language = c->api->config->language; /* of the texts of staff */
    return own ? own : label_text(c->s, language, "staff_resolve_text", end_of(incident));
}

/* {"de": {"title", "body"}} of a template as those of an update, which has a body alone. */
static json_t *translations_of(json_t *template)
{
    json_t *all = json_object(), *texts;
    const char *locale;
    json_object_foreach(json_object_get(template, "translations"), locale, texts)
    {
        json_t *text = json_object_get(texts, "body");
        if (text)
            json_object_set_new(all, locale, json_pack("{s:O}", "body", text));
    }
    return all;
}

void console_put_resolve(
    struct call *c, json_t *incident, json_t *templates, bool retracted, json_t *context)
{
    bool over = retracted || json_get_text(incident, "resolved_at") ||
                !strcmp(json_get_word(incident, "state"), "scheduled");
    json_object_set_new(context, "resolve_text",
        over ? json_null() : json_string(text_of(c, template_of(templates, incident), incident)));
    json_object_set_new(context, "resolve_label",
        json_string(label_text(c->s, console_locale(c), "staff_resolve", end_of(incident))));
}

bool console_resolve(struct call *c, json_t **ret_reply)
{
    json_t *incident, *templates, *body = json_own(c->s, json_object());
    if (console_get(c, console_incident_path(c, ""), &incident) != RC_OK ||
        console_all_rows(c, "/v1/incident-templates", &templates) != RC_OK) {
        *ret_reply = NULL;
        return false;
    }
    json_t *template = template_of(templates, incident);
    json_object_set_new(body, "state", json_string(end_of(incident)));
    json_object_set_new(body, "body", json_string(text_of(c, template, incident)));
    json_object_set_new(body, "translations", translations_of(template));
    json_object_set_new(body, "notify", json_true());
    json_object_set_new(body, "hold_seconds", json_integer(HOLD_SECONDS));
    return console_call(c, POST, console_incident_path(c, "/updates"), body, ret_reply);
}
