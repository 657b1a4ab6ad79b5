/* /staff/incidents: start an incident, post updates, see the messages. */
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/check.h"
#include "api/console/console.h"
#include "api/access/staff.h"
#include "api/console/incidents/draft.h"
#include "api/incidents/incident.h"
#include "api/console/translated.h"
#include "core/json.h"
#include "templates/label.h"

/* The filters of the list, as they are named in the API and on the page. */
static const char *const filters[] = {
    "q", "state", "kind", "component", "level", "from", "to", NULL};
static const char *const kinds[] = {"incident", "maintenance", NULL};

/* Components to choose from: [{value, label, selected}]. */
static enum rc put_components(struct call *c, const char *chosen, json_t *context)
{
    json_t *list, *one, *shown = json_array();
    size_t i;
    json_object_set_new(context, "components", shown);
    TRY(console_all_rows(c, "/v1/components", &list));
    json_array_foreach(list, i, one)
    {
        json_t *slug = json_object_get(one, "slug");
        json_array_append_new(shown,
            json_pack("{s:O, s:O, s:b}", "value", slug, "label", json_object_get(one, "name"),
                "selected", !strcmp(json_string_value(slug), chosen)));
    }
    return RC_OK;
}

static enum rc put_filters(struct call *c, const struct form *form, json_t *context)
{
    const char *state = form_text(form, "state", ""), *level = form_text(form, "level", "");
    bool narrowed = false;
    for (const char *const *name = filters; *name; name++) {
        const char *given = form_text(form, *name, "");
        narrowed |= *given && strcmp(*name, "q") != 0;
        json_object_set_new(context, *name, json_string(given));
    }
    json_object_set_new(context, "narrowed", json_boolean(narrowed));
    json_object_set_new(context, "states", console_choices(c, incident_states, "state", state));
    json_object_set_new(context, "levels", console_choices(c, impact_levels, "level", level));
    json_object_set_new(
        context, "kinds", console_choices(c, kinds, "page", form_text(form, "kind", "")));
    return put_components(c, form_text(form, "component", ""), context);
}

enum rc console_incidents(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *incidents = NULL;
    struct form form;
    STRBUF(query, 8192);
    TRY(form_read(c, &form));
    for (const char *const *name = filters; *name; name++)
        console_query(c, &query, *name, form_text(&form, *name, NULL));
    TRY(console_page_rows(
        c, context, scope_printf(c->s, "/v1/incidents?limit=50%s", query.buf), &incidents));
    json_object_set(context, "incidents", console_labelled(c, incidents, "state"));
    json_object_set_new(context, "chosen", json_string(query.buf));
    TRY(put_filters(c, &form, context));
    TRY(console_put_held(c, NULL, context));
    return console_reply(c, "incidents/list", context);
}

static const char *kind_of(const struct form *form)
{
    return strcmp(form_text(form, "kind", ""), "maintenance") ? "incident" : "maintenance";
}

/* Those of the kind, to choose from. */
static void put_templates(json_t *list, const json_t *preset, const char *kind, json_t *context)
{
    json_t *own = json_array(), *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        json_object_set_new(one, "selected", json_boolean(one == preset));
        if (!strcmp(json_get_word(one, "kind"), kind))
            json_array_append(own, one);
    }
    json_object_set_new(context, "templates", own);
}

/* What the browser keeps an unsent draft under: for each person, incident and template. */
static void put_key(struct call *c, const char *of, const char *template, json_t *context)
{
    json_object_set_new(context, "template_id", json_string(template));
    json_object_set_new(context, "draft_key",
        json_string(scope_printf(c->s, "%s:%s:%s", c->staff->login, of, template)));
}

static enum rc show_new(
    struct call *c, const char *kind, const char *template, json_t *problem, json_t *check)
{
    json_t *context = json_own(c->s, json_object()), *list;
    TRY(console_all_rows(c, "/v1/incident-templates", &list));
    json_t *preset = draft_preset(list, template);
    if (preset)
        kind = json_get_text(preset, "kind");
    put_templates(list, preset, kind, context);
    put_key(c, scope_printf(c->s, "new:%s", kind), template, context);
    check_put(c, check, context);
    draft_name_errors(c, problem);
    console_put_problem(c, context, problem);
    json_object_set_new(context, "action", json_string("/staff/incidents/new"));
    json_object_set_new(context, "fresh", json_true());
    TRY(draft_show(c, kind, NULL, preset, context));
    return console_reply(c, "incidents/new", context);
}

enum rc console_incident_new(struct call *c)
{
    struct form form;
    TRY(form_read(c, &form));
    return show_new(c, kind_of(&form), form_text(&form, "template", ""), NULL, NULL);
}

enum rc console_incident_new_post(struct call *c)
{
    json_t *reply, *check = NULL, *problem = NULL;
    if (check_is_asked(c)) {
        TRY(check_ask(c, "/v1/incidents/preview", draft_body(c, true), &check, &problem));
        return check_reply_mail(c, check) ? RC_OK
                                          : show_new(c, kind_of(c->form),
                                                form_text(c->form, "template", ""), problem, check);
    }
    if (!console_call(c, POST, "/v1/incidents", draft_body(c, true), &reply))
        return show_new(c, kind_of(c->form), form_text(c->form, "template", ""), reply, NULL);
    return console_posted(c, json_get_text(reply, "ref"), reply);
}

static const char *const title_part[] = {"title", NULL};

/* The translations of a text, for the form that corrects it, as they are. */
static void put_translations(
    struct call *c, const char *const *parts, const char *id, const json_t *all, json_t *context)
{
    struct translated texts = {
        .parts = parts, .own = c->api->config->language, .start = all, .id = id};
    translated_put(c, &texts, context);
}

static void put_renaming(struct call *c, json_t *incident, json_t *context)
{
    json_t *renaming = json_object();
    put_translations(c, title_part, "-title", json_object_get(incident, "translations"), renaming);
    json_object_set_new(context, "renaming", renaming);
}

static bool has_two_texts(const json_t *incident)
{
    return !strcmp(json_get_word(incident, "audience"), "both");
}

/* Who hears of it, unless everybody does; and whether it has a public page. */
static void put_told(struct call *c, json_t *incident, json_t *context)
{
    const char *audience = json_get_word(incident, "audience");
    bool retracted = json_is_true(json_object_get(context, "retracted"));
    json_t *count = json_own(c->s, json_pack("{s:O?}", "n", json_object_get(incident, "accounts")));
    bool all = !strcmp(audience, "public");
    const char *said = label_text(c->s, console_locale(c), "staff_told_to", audience);
    json_object_set_new(
        context, "told_to", all ? json_null() : json_string(label_fill(c->s, said, count)));
    json_object_set_new(
        context, "is_public", json_boolean(!retracted && strcmp(audience, "affected") != 0));
}

/* Its posts, newest first, each with its broadcast. */
static json_t *posts(struct call *c, json_t *incident, json_t *broadcasts)
{
    json_t *list = console_labelled(c, json_object_get(incident, "updates"), "state"),
           *reversed = json_array();
    for (size_t i = json_array_size(list); i-- > 0;) {
        json_t *post = json_array_get(list, i), *id = json_object_get(post, "id"), *one;
        size_t k;
        put_translations(c, draft_texts(incident),
            scope_printf(c->s, "-%lld", json_get_int(post, "id")),
            json_object_get(post, "translations"), post);
        json_object_set_new(post, "broadcast", json_null());
        json_object_set_new(post, "body_html", console_markdown(c, json_object_get(post, "body")));
        json_t *affected = json_object_get(post, "affected_body");
        json_object_set_new(post, "affected_html",
            json_is_string(affected) ? console_markdown(c, affected) : json_null());
        json_object_set_new(post, "two_texts", json_boolean(has_two_texts(incident)));
        json_array_foreach(broadcasts, k, one)
        {
            if (json_equal(json_object_get(one, "update"), id))
                json_object_set(post, "broadcast", json_object_get(one, "id"));
        }
        json_array_append(reversed, post);
    }
    return reversed;
}

static void put_moment(struct call *c, json_t *context, const char *name, json_t *at)
{
    json_object_set_new(context, name, json_string(console_wall(c, json_string_value(at))));
}

static void put_move(struct call *c, json_t *incident, json_t *context)
{
    bool moves = !strcmp(json_get_text(incident, "kind"), "maintenance") &&
                 json_is_null(json_object_get(incident, "resolved_at"));
    json_object_set_new(context, "moves", json_boolean(moves));
    put_moment(c, context, "from", json_object_get(incident, "scheduled_from"));
    put_moment(c, context, "until", json_object_get(incident, "scheduled_until"));
}

static void put_retracted(struct call *c, json_t *incident, json_t *context)
{
    json_t *issued = json_object_get(incident, "issued");
    bool retracted = !strcmp(json_get_text(incident, "state"), "retracted");
    if (retracted)
        console_money_all(c, issued, "amount_minor", "amount");
    json_object_set(context, "issued", retracted ? issued : json_own(c->s, json_array()));
    json_object_set_new(context, "retracted", json_boolean(retracted));
}

/* The form for the next update, from a template if the page or the form names one. */
static enum rc put_draft(struct call *c, json_t *incident, json_t *context)
{
    json_t *templates;
    struct form query = {0};
    const char *kind = json_get_text(incident, "kind");
    if (!c->form)
        TRY(form_read(c, &query));
    const char *id = form_text(c->form ? c->form : &query, "template", "");
    TRY(console_all_rows(c, "/v1/incident-templates", &templates));
    json_t *preset = draft_preset(templates, id);
    put_templates(templates, preset, kind, context);
    put_key(c, json_get_text(incident, "ref"), id, context);
    console_put_resolve(
        c, incident, templates, json_is_true(json_object_get(context, "retracted")), context);
    return draft_show(c, kind, incident, preset, context);
}

static enum rc show_one(struct call *c, json_t *problem, json_t *check)
{
    json_t *context = json_own(c->s, json_object()), *incident, *broadcasts;
    TRY(console_get(c, console_incident_path(c, ""), &incident));
    const char *ref = console_escaped(c, c->param[0]);
    TRY(console_get(
        c, scope_printf(c->s, "/v1/broadcasts?limit=200&incident=%s", ref), &broadcasts));
    bool burns = !strcmp(json_get_word(incident, "kind"), "incident") &&
                 !json_get_text(incident, "resolved_at");
    TRY(console_put_liability(c, burns, context));
    TRY(console_put_held(c, ref, context));
    draft_name_errors(c, problem);
    console_put_problem(c, context, problem);
    json_object_set(context, "incident", console_label(c, incident, "state"));
    put_retracted(c, incident, context);
    put_told(c, incident, context);
    json_object_set_new(context, "posts", posts(c, incident, json_object_get(broadcasts, "data")));
    json_object_set_new(context, "ref", json_string(ref));
    json_object_set_new(
        context, "action", json_string(scope_printf(c->s, "/staff/incidents/%s", ref)));
    json_object_set_new(context, "fresh", json_false());
    check_put(c, check, context);
    TRY(put_draft(c, incident, context));
    put_move(c, incident, context);
    console_title(context, json_get_text(incident, "title"));
    put_renaming(c, incident, context);
    return console_reply(c, "incidents/one", context);
}

enum rc console_incident(struct call *c)
{
    return show_one(c, NULL, NULL);
}

static enum rc correct(struct call *c)
{
    json_t *reply, *body = json_own(c->s, json_object());
    const char *id = console_escaped(c, form_text(c->form, "update", "0"));
    json_object_set_new(body, "body", json_string(form_text(c->form, "body", "")));
    if (form_get(c->form, "affected_body"))
        json_object_set_new(
            body, "affected_body", json_string(form_text(c->form, "affected_body", "")));
    json_object_set_new(body, "translations", translated_typed(c, draft_update_parts));
    console_take_hold(c, body);
    if (!console_call(c, PATCH, console_incident_path(c, scope_printf(c->s, "/updates/%s", id)),
            body, &reply))
        return show_one(c, reply, NULL);
    return console_posted(c, console_escaped(c, c->param[0]), reply);
}

static enum rc move(struct call *c)
{
    json_t *reply, *body = json_own(c->s, json_object());
    draft_put_times(c, body);
    console_take_hold(c, body);
    if (!console_call(c, PATCH, console_incident_path(c, ""), body, &reply))
        return show_one(c, reply, NULL);
    return console_posted(c, console_escaped(c, c->param[0]), reply);
}

static enum rc rename_incident(struct call *c)
{
    json_t *reply, *body = json_own(c->s, json_object());
    json_object_set_new(body, "title", json_string(form_text(c->form, "title", "")));
    json_object_set_new(body, "translations", translated_typed(c, title_part));
    console_take_hold(c, body);
    if (!console_call(c, PATCH, console_incident_path(c, ""), body, &reply))
        return show_one(c, reply, NULL);
    return console_posted(c, console_escaped(c, c->param[0]), reply);
}

enum rc console_incident_post(struct call *c)
{
    json_t *reply, *check = NULL, *problem = NULL;
    const char *what = form_text(c->form, "do", "");
    if (!strcmp(what, "correct"))
        return correct(c);
    if (!strcmp(what, "move"))
        return move(c);
    if (!strcmp(what, "resolve"))
        return console_resolve(c, &reply)
                   ? console_posted(c, console_escaped(c, c->param[0]), reply)
                   : show_one(c, reply, NULL);
    if (!strcmp(what, "rename"))
        return rename_incident(c);
    if (check_is_asked(c)) {
        TRY(check_ask(c, console_incident_path(c, "/updates/preview"), draft_body(c, false), &check,
            &problem));
        return check_reply_mail(c, check) ? RC_OK : show_one(c, problem, check);
    }
    if (!console_call(c, POST, console_incident_path(c, "/updates"), draft_body(c, false), &reply))
        return show_one(c, reply, NULL);
    return console_posted(c, console_escaped(c, c->param[0]), reply);
}
