/* /staff/incidents/templates: the templates of incidents. */
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/confirm.h"
#include "api/console/console.h"
#include "api/console/incidents/draft.h"
#include "core/json.h"

#define PAGE_PATH "/staff/incidents/templates"

static const char *of_template(struct call *c, const char *id)
{
    return scope_printf(c->s, "/v1/incident-templates/%s", console_escaped(c, id));
}

static enum rc show(struct call *c, const char *id, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *list, *preset;
    TRY(console_all_rows(c, "/v1/incident-templates", &list));
    console_put_problem(c, context, problem);
    preset = draft_preset(list, id);
    json_t *name = json_object_get(preset, "name");
    const char *named = c->form ? form_text(c->form, "name", "") : json_string_value(name);
    json_object_set(context, "templates", list);
    json_object_set_new(context, "template_name", json_string(named ? named : ""));
    json_object_set_new(context, "edited", preset ? json_string(id) : json_null());
    const char *kind = json_get_text(preset, "kind");
    TRY(draft_show(c, kind ? kind : "incident", NULL, preset, context));
    return console_reply(c, "incidents/templates", context);
}

enum rc console_templates(struct call *c)
{
    struct form form;
    TRY(form_read(c, &form));
    return show(c, form_text(&form, "edit", ""), NULL);
}

enum rc console_templates_post(struct call *c)
{
    json_t *reply, *body = NULL;
    const char *id = form_text(c->form, "id", ""), *what = form_text(c->form, "do", "");
    enum verb verb = !*id ? POST : !strcmp(what, "delete") ? DELETE : PATCH;
    if (verb == DELETE && !confirm_given(c))
        return confirm_ask_named(c, "delete", "/v1/incident-templates", PAGE_PATH);
    if (verb != DELETE) {
        body = draft_body(c, true);
        json_object_del(body, "notify");
        json_object_del(body, "hold_seconds");
        json_object_set_new(body, "name", json_string(form_text(c->form, "name", "")));
    }
    if (!console_call(c, verb, *id ? of_template(c, id) : "/v1/incident-templates", body, &reply))
        return show(c, id, reply);
    return console_go(c, PAGE_PATH);
}
