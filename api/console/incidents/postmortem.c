/* /staff/incidents/postmortem: one text for several incidents. */
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/check.h"
#include "api/console/console.h"
#include "api/console/translated.h"
#include "core/json.h"

static const char *const parts[] = {"title", "body", NULL};

/* Selected in the form, or named in the link to this page. */
static bool is_chosen(struct call *c, const char *ref, const char *first)
{
    if (!c->form)
        return !strcmp(ref, first);
    struct texts chosen = console_values(c, "incident");
    for (size_t i = 0; i < chosen.n; i++)
        if (!strcmp(chosen.at[i], ref))
            return true;
    return false;
}

static bool has_ended(json_t *incident)
{
    const char *state = json_get_text(incident, "state");
    return !strcmp(state, "resolved") || !strcmp(state, "postmortem");
}

static enum rc show(struct call *c, const char *first, json_t *problem, json_t *check)
{
    json_t *context = json_own(c->s, json_object()), *list, *one, *ended = json_array();
    size_t i;
    TRY(console_rows(c, "/v1/incidents?limit=100", &list));
    json_array_foreach(list, i, one)
    {
        if (!has_ended(one))
            continue;
        const char *ref = json_get_text(one, "ref");
        json_object_set_new(one, "ticked", json_boolean(is_chosen(c, ref, first)));
        json_array_append(ended, one);
    }
    console_put_problem(c, context, problem);
    json_object_set_new(context, "incidents", ended);
    json_object_set_new(
        context, "post_title", json_string(c->form ? form_text(c->form, "title", "") : ""));
    json_object_set_new(
        context, "body", json_string(c->form ? form_text(c->form, "body", "") : ""));
    json_object_set_new(
        context, "notify", json_boolean(!c->form || *form_text(c->form, "notify", "")));
    json_object_set_new(context, "holds", console_holds(c));
    json_object_set_new(context, "action", json_string("/staff/incidents/postmortem"));
    struct translated texts = {.parts = parts, .own = c->api->config->language, .form = c->form};
    TRY(translated_readers(c, &texts.readers));
    translated_put(c, &texts, context);
    check_put(c, check, context);
    return console_reply(c, "incidents/postmortem", context);
}

enum rc console_postmortem(struct call *c)
{
    struct form form;
    TRY(form_read(c, &form));
    return show(c, form_text(&form, "incident", ""), NULL, NULL);
}

static json_t *typed(struct call *c)
{
    json_t *refs = json_array();
    struct texts chosen = console_values(c, "incident");
    for (size_t i = 0; i < chosen.n; i++)
        json_array_append_new(refs, json_string(chosen.at[i]));
    json_t *body = json_own(c->s,
        json_pack("{s:o, s:s, s:b}", "incidents", refs, "body", form_text(c->form, "body", ""),
            "notify", *form_text(c->form, "notify", "") != '\0'));
    json_object_set_new(body, "translations", translated_typed(c, parts));
    console_take_hold(c, body);
    const char *title = form_text(c->form, "title", "");
    if (*title)
        json_object_set_new(body, "title", json_string(title));
    return body;
}

enum rc console_postmortem_post(struct call *c)
{
    json_t *reply, *check = NULL, *problem = NULL;
    if (check_is_asked(c)) {
        TRY(check_ask(c, "/v1/postmortems/preview", typed(c), &check, &problem));
        return check_reply_mail(c, check) ? RC_OK : show(c, "", problem, check);
    }
    if (!console_call(c, POST, "/v1/postmortems", typed(c), &reply))
        return show(c, "", reply, NULL);
    return console_posted(c, console_escaped(c, console_values(c, "incident").at[0]), reply);
}
