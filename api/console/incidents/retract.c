/* /staff/incidents/{ref}/retract: the consequences of a retraction, and the button. */
#include <string.h>

#include "api/console/console.h"
#include "api/console/translated.h"
#include "api/readers/reader.h"
#include "core/json.h"

static const char *const parts[] = {"body", NULL};

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *incident, *found,
           *ask = json_own(c->s, json_pack("{s:b}", "dry_run", 1));
    TRY(console_get(c, console_incident_path(c, ""), &incident));
    if (!console_call(c, POST, console_incident_path(c, "/retract"), ask, &found)) {
        problem = problem ? problem : found;
        found = json_own(c->s, json_pack("{s:i, s:[], s:[]}", "told", 0, "failed_runs", "issued"));
    }
    json_t *issued = json_object_get(found, "issued");
    console_money_all(c, issued, "amount_minor", "amount");
    console_put_problem(c, context, problem);
    json_object_set(context, "incident", console_label(c, incident, "state"));
    json_object_set(context, "told", json_object_get(found, "told"));
    json_object_set(context, "failed_runs", json_object_get(found, "failed_runs"));
    json_object_set(context, "issued", issued);
    json_object_set_new(context, "ref", json_string(console_escaped(c, c->param[0])));
    json_object_set_new(
        context, "body", json_string(c->form ? form_text(c->form, "body", "") : ""));
    console_title(context, json_get_text(incident, "title"));
    struct translated texts = {.parts = parts, .own = c->api->config->language, .form = c->form};
    TRY(translated_readers(c, &texts.readers));
    translated_put(c, &texts, context);
    return console_reply(c, "incidents/retract", context);
}

enum rc console_retract(struct call *c)
{
    return show(c, NULL);
}

enum rc console_retract_post(struct call *c)
{
    json_t *reply, *body = json_own(c->s, json_object());
    const char *text = form_text(c->form, "body", ""), *reason = form_text(c->form, "reason", "");
    json_object_set_new(body, "notify", json_boolean(*form_text(c->form, "notify", "")));
    if (*text)
        json_object_set_new(body, "body", json_string(text));
    json_object_set_new(body, "translations", translated_typed(c, parts));
    if (*reason)
        json_object_set_new(body, "reason", json_string(reason));
    if (!console_call(c, POST, console_incident_path(c, "/retract"), body, &reply))
        return show(c, reply);
    return console_go(c, "/staff/incidents/%s", console_escaped(c, c->param[0]));
}
