#include "api/slack/form.h"

#include <string.h>

#include "api/incidents/incidents.h"
#include "api/slack/ask.h"
#include "api/slack/levels.h"
#include "api/slack/presets.h"
#include "api/slack/texts.h"
#include "core/json.h"
#include "templates/label.h"

enum { SCOPE_MAX = 2000, INCIDENTS = 100 };

const char *const slack_form_name[] = {"open", "update", "resolve", "schedule"};

static const char *const first_states[] = {"investigating", "identified", "monitoring", NULL};
static const char *const incident_words[] = {
    "investigating", "identified", "monitoring", "resolved", NULL};
static const char *const maintenance_words[] = {
    "scheduled", "in_progress", "verifying", "completed", "cancelled", NULL};
static const char *const planned_states[] = {"scheduled", NULL};
static const char *const end_states[] = {"resolved", "completed", NULL};
static const char *const promises[] = {"15", "30", "60", "120", "240", "1440", NULL};
static const char *const holds[] = {"0", "30", "120", NULL};

static void add_choice(const struct making *m, const struct slack_field *field,
    const char *const *words, const char *set, const char *value)
{
    making_add(m, field, slack_select(m->c, slack_options(m->c, words, set), value));
}

static void add_state(const struct making *m, const char *const *words, const char *value)
{
    const char *own = json_get_text(m->preset, "state");
    add_choice(m, &(struct slack_field){.name = "state", .mark = m->of_both}, words, "state",
        own ? own : value);
}

static void add_promise(const struct making *m)
{
    json_t *minutes = json_object_get(m->preset, "next_update_minutes");
    const char *value = json_is_integer(minutes)
                            ? scope_printf(m->c->s, "%lld", json_integer_value(minutes))
                            : NULL;
    add_choice(m,
        &(struct slack_field){
            .name = "next_update_minutes", .mark = m->of_preset, .optional = true},
        promises, "staff_promise", value);
}

static void add_sending(const struct making *m)
{
    json_t *yes = slack_option(m->c, slack_word(m->c, "notify_yes"), "yes");
    making_add(
        m, &(struct slack_field){.name = "notify", .optional = true}, slack_checkbox(m->c, yes));
    add_choice(m, &(struct slack_field){.name = "hold_seconds"}, holds, "staff_post_hold", "30");
}

/* Account lists, if there are any and the person may read them. */
static void add_lists(const struct making *m)
{
    struct call *c = m->c;
    json_t *reply, *options, *one;
    size_t i;
    if (!auth_may(c->key, "accounts:read") ||
        !slack_ask(c, GET, "/v1/account-lists?limit=200", NULL, NULL, &reply) ||
        !json_array_size(json_object_get(reply, "data")))
        return;
    options = json_array();
    json_array_foreach(json_object_get(reply, "data"), i, one) json_array_append_new(
        options, slack_option(c, json_get_word(one, "name"), json_get_word(one, "name")));
    making_add(m,
        &(struct slack_field){.name = "scope_list",
            .label = label_text(c->s, slack_locale(c), "staff", "scope_list"),
            .optional = true},
        slack_select(c, options, NULL));
}

/* Whom it concerns, and what they read. */
static void add_audience(struct making *m)
{
    making_add(m,
        &(struct slack_field){
            .name = "scope", .optional = true, .hint = slack_word(m->c, "scope_hint")},
        slack_input_text(m->c, NULL, false, SCOPE_MAX));
    add_lists(m);
    add_choice(m, &(struct slack_field){.name = "audience", .asks = true}, incident_audiences,
        "staff_audience", "public");
    m->two_texts = !strcmp(slack_typed(m->view, "audience"), "both");
    texts_add_affected(m);
}

/* ---- what it is about ---- */

static bool unknown_incident(struct call *c, const char *ref, const char **ret_trouble)
{
    json_t *values = json_own(c->s, json_pack("{s:s}", "name", ref));
    *ret_trouble = label_fill(c->s, slack_word(c, "incident_unknown"), values);
    return false;
}

/* The incident with the levels of its components. False: it could not be read. */
static bool read_about(struct making *m, const char *ref, const char **ret_trouble)
{
    json_t *incident;
    struct call *c = m->c;
    if (!slack_ask(c, GET, scope_printf(c->s, "/v1/incidents/%s", slack_escaped(c, ref)), NULL,
            NULL, &incident)) {
        *ret_trouble = slack_problem(c, incident);
        return false;
    }
    m->about = incident;
    m->kind = json_get_word(incident, "kind");
    m->two_texts = !strcmp(json_get_word(incident, "audience"), "both");
    return true;
}

/* Of the open incidents the one with this name, else those with these words in their titles;
 * without a name all. Owned by c->s. */
static json_t *find_incidents(struct call *c, const json_t *list, const char *name)
{
    json_t *found = json_own(c->s, json_array()), *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        if (name && !strcmp(json_get_word(one, "ref"), name)) {
            json_array_clear(found);
            json_array_append(found, one);
            break;
        }
        if (!name || strcasestr(json_get_word(one, "title"), name))
            json_array_append(found, one);
    }
    return found;
}

/* The incidents with the name, or all; the one that is chosen, or the only one, is chosen. */
static bool add_incidents(struct making *m, const char *name, const char **ret_trouble)
{
    json_t *reply, *options, *list, *one;
    const char *typed = slack_typed(m->view, "incident");
    size_t i;
    if (!slack_ask(m->c, GET, scope_printf(m->c->s, "/v1/incidents?open=true&limit=%d", INCIDENTS),
            NULL, NULL, &reply)) {
        *ret_trouble = slack_problem(m->c, reply);
        return false;
    }
    list = json_object_get(reply, "data");
    if (!json_array_size(list)) {
        *ret_trouble = slack_word(m->c, "status_none");
        return false;
    }
    json_t *named = find_incidents(m->c, list, *typed ? typed : name);
    if (name && !json_array_size(named))
        return unknown_incident(m->c, name, ret_trouble);
    const char *found =
        json_array_size(named) == 1 ? json_get_word(json_array_get(named, 0), "ref") : NULL;
    options = json_array();
    json_array_foreach(*typed ? list : named, i, one) json_array_append_new(
        options, slack_option(m->c, json_get_word(one, "title"), json_get_word(one, "ref")));
    making_add(m, &(struct slack_field){.name = "incident", .asks = true},
        slack_select(m->c, options, found));
    return !found || read_about(m, found, ret_trouble);
}

/* ---- the forms ---- */

static bool make_open(struct making *m, const struct slack_start *start, const char **ret_trouble)
{
    m->kind = "incident";
    if (!presets_add(m, first_states, false, ret_trouble))
        return false;
    texts_add_title(m, start->title);
    add_state(m, first_states, "investigating");
    if (!levels_add(m, "partial_outage", ret_trouble))
        return false;
    texts_add_body(m, start->body);
    add_audience(m);
    texts_add_languages(m, true);
    add_promise(m);
    add_sending(m);
    return true;
}

static bool make_update(struct making *m, const struct slack_start *start, const char **ret_trouble)
{
    if (!add_incidents(m, start->ref, ret_trouble) || !presets_add(m, NULL, false, ret_trouble))
        return false;
    bool planned = m->kind && !strcmp(m->kind, "maintenance");
    add_state(m, planned ? maintenance_words : incident_words, json_get_text(m->about, "state"));
    if (!levels_add(m, LEVELS_UNCHANGED, ret_trouble))
        return false;
    texts_add_body(m, start->body);
    texts_add_affected(m);
    texts_add_languages(m, false);
    add_promise(m);
    add_sending(m);
    return true;
}

/* In the language that the texts of staff are in. */
static const char *usual_end(const struct making *m)
{
    bool planned = m->kind && !strcmp(m->kind, "maintenance");
    return label_text(m->c->s, m->c->api->config->language, "staff_resolve_text",
        planned ? "completed" : "resolved");
}

static bool make_resolve(
    struct making *m, const struct slack_start *start, const char **ret_trouble)
{
    if (!add_incidents(m, start->ref, ret_trouble) ||
        !presets_add(m, end_states, true, ret_trouble))
        return false;
    if (!m->preset)
        m->of_preset = m->kind ? m->kind : "";
    texts_add_body(m, usual_end(m));
    texts_add_affected(m);
    texts_add_languages(m, false);
    add_sending(m);
    return true;
}

static bool make_schedule(
    struct making *m, const struct slack_start *start, const char **ret_trouble)
{
    m->kind = "maintenance";
    if (!presets_add(m, planned_states, false, ret_trouble))
        return false;
    texts_add_title(m, start->title);
    making_add(m, &(struct slack_field){.name = "scheduled_from"}, slack_input_moment());
    making_add(m, &(struct slack_field){.name = "scheduled_until"}, slack_input_moment());
    if (!levels_add(m, NULL, ret_trouble))
        return false;
    texts_add_body(m, start->body);
    add_audience(m);
    texts_add_languages(m, true);
    add_sending(m);
    return true;
}

json_t *slack_form_view(
    struct call *c, enum slack_form form, const struct slack_start *start, const char **ret_trouble)
{
    static bool (*const make[])(struct making * m, const struct slack_start *start,
        const char **ret_trouble) = {make_open, make_update, make_resolve, make_schedule};
    static const char *const titles[] = {
        "open_title", "update_title", "resolve_title", "schedule_title"};
    if (!auth_may(c->key, "incidents:write")) {
        *ret_trouble = slack_word(c, "post_role");
        return NULL;
    }
    json_t *view = slack_view(c, scope_printf(c->s, "amends_%s", slack_form_name[form]),
        slack_word(c, titles[form]), slack_word(c, "preview"));
    struct making m = {.c = c,
        .blocks = json_object_get(view, "blocks"),
        .view = start->view,
        .of_preset = "",
        .of_both = ""};
    if (make[form](&m, start, ret_trouble))
        return view;
    json_decref(view);
    return NULL;
}
