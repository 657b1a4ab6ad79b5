/* /staff/suggestions/{id}: an incident that alerts suggest, and what staff can do with it. */
#include <string.h>

#include "api/console/console.h"
#include "api/console/incidents/draft.h"
#include "api/console/translated.h"
#include "api/incidents/incidents.h"
#include "api/readers/reader.h"
#include "core/json.h"

enum rc console_put_suggestions(struct call *c, json_t *context)
{
    json_t *rows, *over;
    TRY(console_rows(c, "/v1/suggestions?state=pending&limit=50", &rows));
    TRY(console_rows(c, "/v1/suggestions?resolvable=true&limit=50", &over));
    json_array_extend(rows, over);
    json_object_set(context, "suggestions", rows);
    return RC_OK;
}

static const char *of_suggestion(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/suggestions/%s%s", console_escaped(c, c->param[0]), tail);
}

/* Labels as a list, and the level of each window in words. */
static void put_parts(struct call *c, json_t *row)
{
    json_t *alert, *value, *window;
    const char *label;
    size_t i;
    json_array_foreach(json_object_get(row, "alerts"), i, alert)
    {
        json_t *list = json_array();
        json_object_foreach(json_object_get(alert, "labels"), label, value)
            json_array_append_new(list, json_pack("{s:s, s:O}", "label", label, "value", value));
        json_object_set_new(alert, "pairs", list);
    }
    json_array_foreach(json_object_get(row, "windows"), i, window)
    {
        if (!json_object_get(window, "to"))
            json_object_set_new(window, "to", json_null());
    }
    console_labelled(c, json_object_get(row, "windows"), "level");
}

/* What was typed, else what is suggested. */
static const char *text_of(struct call *c, const json_t *post, const char *name)
{
    const char *typed = c->form ? form_get(c->form, name) : NULL;
    return typed ? typed : json_get_word(post, name);
}

static enum rc put_post(struct call *c, const json_t *post, json_t *context)
{
    struct translated texts = {.parts = draft_whole_parts,
        .own = c->api->config->language,
        .form = c->form && form_get(c->form, "audience") ? c->form : NULL,
        .start = json_object_get(post, "translations")};
    json_object_set_new(context, "post_title", json_string(text_of(c, post, "title")));
    json_object_set_new(context, "body", json_string(text_of(c, post, "body")));
    json_object_set_new(context, "affected_body", json_string(text_of(c, post, "affected_body")));
    json_object_set_new(context, "audiences",
        console_choices(c, incident_audiences, "staff_audience", text_of(c, post, "audience")));
    TRY(translated_readers(c, &texts.readers));
    translated_put(c, &texts, context);
    return RC_OK;
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *row, *open;
    TRY(console_get(c, of_suggestion(c, ""), &row));
    TRY(console_rows(c, "/v1/incidents?open=true&kind=incident&limit=50", &open));
    const char *state = json_get_word(row, "state");
    put_parts(c, row);
    TRY(console_name_components(c, json_object_get(row, "windows")));
    TRY(console_put_ratios(c, json_own(c->s, json_pack("[O]", row)), context));
    console_put_problem(c, context, problem);
    json_object_set(context, "suggestion", console_word(c, row, "state", "staff_suggestion"));
    json_object_set_new(context, "waits", json_boolean(!strcmp(state, "pending")));
    json_object_set(context, "open", open);
    json_object_set_new(
        context, "counted", json_boolean(json_is_integer(json_object_get(row, "accounts"))));
    TRY(put_post(c, json_object_get(row, "post"), context));
    console_title(context, json_get_text(row, "title"));
    return console_reply(c, "incidents/suggestion", context);
}

enum rc console_suggestion(struct call *c)
{
    return show(c, NULL);
}

static void put_typed(struct call *c, json_t *json, const char *name)
{
    const char *text = form_get(c->form, name);
    if (text)
        json_object_set_new(json, name, json_string(text));
}

/* The texts of the form, also empty ones; the button of the first page sends none. */
static json_t *post_of(struct call *c)
{
    json_t *json = json_own(c->s, json_object());
    const char *audience = form_get(c->form, "audience");
    put_typed(c, json, "title");
    put_typed(c, json, "body");
    put_typed(c, json, "audience");
    if (!audience)
        return json;
    if (!strcmp(audience, "both"))
        put_typed(c, json, "affected_body");
    json_object_set_new(json, "translations", translated_typed(c, draft_texts_for(audience)));
    return json;
}

static json_t *body_of(struct call *c, const char *act)
{
    if (!strcmp(act, "dismiss"))
        return NULL;
    if (!strcmp(act, "merge"))
        return json_own(c->s, json_pack("{s:s}", "incident", form_text(c->form, "incident", "")));
    return !strcmp(act, "publish") ? post_of(c) : json_own(c->s, json_object());
}

enum rc console_suggestion_post(struct call *c)
{
    static const char *const acts[] = {"publish", "merge", "dismiss", "resolve", NULL};
    const char *act = form_text(c->form, "do", "");
    json_t *reply;
    if (!shape_one_of(acts, act))
        return fail_field(c->s, RC_INVALID, "do", "is not known");
    if (!console_call(
            c, POST, of_suggestion(c, scope_printf(c->s, "/%s", act)), body_of(c, act), &reply))
        return show(c, reply);
    const char *ref = json_get_text(reply, "incident");
    return ref ? console_go(c, "/staff/incidents/%s", console_escaped(c, ref))
               : console_go(c, "/staff");
}
