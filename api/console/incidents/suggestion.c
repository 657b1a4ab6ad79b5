/* /staff/suggestions/{id}: an incident that alerts suggest, and what staff can do with it. */
#include <string.h>

#include "api/console/console.h"
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

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *row, *open;
    TRY(console_get(c, of_suggestion(c, ""), &row));
    TRY(console_rows(c, "/v1/incidents?open=true&limit=50", &open));
    const char *state = json_get_word(row, "state");
    const json_t *post = json_object_get(row, "post");
    put_parts(c, row);
    TRY(console_name_components(c, json_object_get(row, "windows")));
    TRY(console_put_ratios(c, json_own(c->s, json_pack("[O]", row)), context));
    console_put_problem(c, context, problem);
    json_object_set(context, "suggestion", console_word(c, row, "state", "staff_suggestion"));
    json_object_set_new(context, "waits", json_boolean(!strcmp(state, "pending")));
    json_object_set(context, "open", open);
    json_object_set_new(context, "audiences",
        console_choices(c, incident_audiences, "staff_audience", json_get_word(post, "audience")));
    json_object_set_new(
        context, "counted", json_boolean(json_is_integer(json_object_get(row, "accounts"))));
    json_object_set_new(context, "title", json_string(json_get_word(post, "title")));
    json_object_set_new(context, "body", json_string(json_get_word(post, "body")));
    json_object_set_new(
        context, "affected_body", json_string(json_get_word(post, "affected_body")));
    console_title(context, json_get_text(row, "title"));
    return console_reply(c, "incidents/suggestion", context);
}

enum rc console_suggestion(struct call *c)
{
    return show(c, NULL);
}

static json_t *body_of(struct call *c, const char *act)
{
    const char *title = form_text(c->form, "title", ""), *body = form_text(c->form, "body", "");
    const char *audience = form_text(c->form, "audience", "");
    const char *affected = form_text(c->form, "affected_body", "");
    if (!strcmp(act, "dismiss"))
        return NULL;
    if (!strcmp(act, "merge"))
        return json_own(c->s, json_pack("{s:s}", "incident", form_text(c->form, "incident", "")));
    json_t *json = json_own(c->s, json_object());
    if (*title)
        json_object_set_new(json, "title", json_string(title));
    if (*body)
        json_object_set_new(json, "body", json_string(body));
    if (*audience && !strcmp(act, "publish"))
        json_object_set_new(json, "audience", json_string(audience));
    if (*affected && !strcmp(act, "publish"))
        json_object_set_new(json, "affected_body", json_string(affected));
    return json;
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
