#include "api/slack/form.h"

#include <stdlib.h>
#include <string.h>

#include "api/slack/ask.h"
#include "api/slack/inputs.h"
#include "api/slack/scope_words.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

enum { TITLE_MAX = 250, BODY_MAX = 3000, SCOPE_MAX = 2000, INCIDENTS = 100 };

const char *const slack_form_name[] = {"open", "update", "resolve", "schedule"};

static const char *const first_states[] = {"investigating", "identified", "monitoring", NULL};
static const char *const states[] = {"investigating", "identified", "monitoring", "resolved",
    "in_progress", "verifying", "completed", NULL};
static const char *const first_levels[] = {
    "degraded_performance", "partial_outage", "major_outage", NULL};
static const char *const levels[] = {"operational", "degraded_performance", "partial_outage",
    "major_outage", "under_maintenance", NULL};
static const char *const promises[] = {"15", "30", "60", "120", "240", "1440", NULL};
static const char *const holds[] = {"0", "30", "120", NULL};
static const char *const audiences[] = {"public", "affected", NULL};

/* ---- the view ---- */

struct making {
    struct call *c;
    json_t *blocks;
    json_t *incidents;   /* open ones, of update and resolve */
    const json_t *about; /* the chosen one of them, or NULL */
    const struct slack_start *start;
};

static void add(struct making *m, const char *field, json_t *element, bool optional)
{
    json_array_append_new(m->blocks, slack_input(m->c, field, element, optional, NULL));
}

static bool add_components(struct making *m, bool optional, const char **ret_trouble)
{
    json_t *reply, *options = json_array(), *one;
    size_t i;
    if (!slack_ask(m->c, GET, "/v1/components?limit=1000", NULL, NULL, &reply)) {
        json_decref(options);
        *ret_trouble = slack_problem(m->c, reply);
        return false;
    }
    json_array_foreach(json_object_get(reply, "data"), i, one)
    {
        if (!json_get_text(one, "archived_at"))
            json_array_append_new(options,
                slack_option(m->c, json_get_word(one, "name"), json_get_word(one, "slug")));
    }
    if (json_array_size(options))
        add(m, "components", slack_multi_select(m->c, options), optional);
    else
        json_decref(options);
    return true;
}

static void add_level(struct making *m, const char *const *words, const char *value)
{
    add(m, "level", slack_select(m->c, slack_options(m->c, words, "level"), value), true);
}

static void add_scope(struct making *m)
{
    json_t *scope = slack_input_text(m->c, NULL, false, SCOPE_MAX);
    json_array_append_new(
        m->blocks, slack_input(m->c, "scope", scope, true, slack_word(m->c, "scope_hint")));
    add(m, "audience", slack_select(m->c, slack_options(m->c, audiences, "staff_slack"), "public"),
        false);
}

static void add_body(struct making *m, const char *value)
{
    add(m, "body", slack_input_text(m->c, value, true, BODY_MAX), false);
}

static void add_sending(struct making *m)
{
    json_t *yes = slack_option(m->c, slack_word(m->c, "notify_yes"), "yes");
    add(m, "notify", slack_checkbox(m->c, yes), true);
    add(m, "hold_seconds", slack_select(m->c, slack_options(m->c, holds, "staff_post_hold"), "30"),
        false);
}

static void add_promise(struct making *m)
{
    add(m, "next_update_minutes",
        slack_select(m->c, slack_options(m->c, promises, "staff_promise"), NULL), true);
}

/* The open incidents; the one that is asked for, or the only one, is chosen. */
static bool add_incidents(struct making *m, const char **ret_trouble)
{
    json_t *reply, *options = json_array(), *one;
    const char *ref = m->start->ref;
    size_t i;
    json_own(m->c->s, options);
    if (!slack_ask(m->c, GET, scope_printf(m->c->s, "/v1/incidents?open=true&limit=%d", INCIDENTS),
            NULL, NULL, &reply)) {
        *ret_trouble = slack_problem(m->c, reply);
        return false;
    }
    m->incidents = json_object_get(reply, "data");
    if (!json_array_size(m->incidents)) {
        *ret_trouble = slack_word(m->c, "status_none");
        return false;
    }
    json_array_foreach(m->incidents, i, one)
    {
        bool asked = ref && !strcmp(json_get_word(one, "ref"), ref);
        if (asked || (!ref && json_array_size(m->incidents) == 1))
            m->about = one;
        json_array_append_new(
            options, slack_option(m->c, json_get_word(one, "title"), json_get_word(one, "ref")));
    }
    const char *chosen = m->about ? json_get_word(m->about, "ref") : NULL;
    add(m, "incident", slack_select(m->c, json_incref(options), chosen), false);
    return true;
}

static const char *state_ended(const json_t *incident)
{
    return strcmp(json_get_word(incident, "kind"), "maintenance") ? "resolved" : "completed";
}

static bool make_open(struct making *m, const char **ret_trouble)
{
    add(m, "title", slack_input_text(m->c, NULL, false, TITLE_MAX), false);
    add(m, "state", slack_select(m->c, slack_options(m->c, first_states, "state"), "investigating"),
        false);
    if (!add_components(m, true, ret_trouble))
        return false;
    add_level(m, first_levels, "partial_outage");
    add_body(m, m->start->body);
    add_promise(m);
    add_scope(m);
    add_sending(m);
    return true;
}

static bool make_update(struct making *m, const char **ret_trouble)
{
    if (!add_incidents(m, ret_trouble))
        return false;
    const char *state = json_get_text(m->about, "state");
    add(m, "state", slack_select(m->c, slack_options(m->c, states, "state"), state), false);
    add_body(m, m->start->body);
    if (!add_components(m, true, ret_trouble))
        return false;
    add_level(m, levels, NULL);
    add_promise(m);
    add_sending(m);
    return true;
}

static bool make_resolve(struct making *m, const char **ret_trouble)
{
    if (!add_incidents(m, ret_trouble))
        return false;
    add_body(m, label_text(m->c->s, slack_locale(m->c), "staff_resolve_text",
                    m->about ? state_ended(m->about) : "resolved"));
    add_sending(m);
    return true;
}

static bool make_schedule(struct making *m, const char **ret_trouble)
{
    add(m, "title", slack_input_text(m->c, NULL, false, TITLE_MAX), false);
    add(m, "scheduled_from", slack_input_moment(), false);
    add(m, "scheduled_until", slack_input_moment(), false);
    if (!add_components(m, true, ret_trouble))
        return false;
    add_body(m, m->start->body);
    add_scope(m);
    add_sending(m);
    return true;
}

json_t *slack_form_view(
    struct call *c, enum slack_form form, const struct slack_start *start, const char **ret_trouble)
{
    static bool (*const make[])(struct making * m, const char **ret_trouble) = {
        make_open, make_update, make_resolve, make_schedule};
    static const char *const titles[] = {
        "open_title", "update_title", "resolve_title", "schedule_title"};
    json_t *view = slack_view(c, scope_printf(c->s, "amends_%s", slack_form_name[form]),
        slack_word(c, titles[form]), slack_word(c, "preview"));
    struct making m = {.c = c, .blocks = json_object_get(view, "blocks"), .start = start};
    if (make[form](&m, ret_trouble))
        return view;
    json_decref(view);
    return NULL;
}

/* ---- what was submitted ---- */

static void put_components(json_t *body, const json_t *view, const char *level)
{
    json_t *list = json_array();
    const char *slug;
    for (size_t i = 0; (slug = slack_typed_at(view, "components", i)); i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "component", slug, "level", level));
    json_object_set_new(body, "components", list);
}

/* What all posts have. */
static json_t *read_post(struct call *c, const json_t *view, const char *state)
{
    json_t *body = json_own(
        c->s, json_pack("{s:s, s:s, s:b, s:I}", "state", state, "body", slack_typed(view, "body"),
                  "notify", slack_typed_at(view, "notify", 0) != NULL, "hold_seconds",
                  (json_int_t)strtol(slack_typed(view, "hold_seconds"), NULL, 10)));
    long promise = strtol(slack_typed(view, "next_update_minutes"), NULL, 10);
    if (promise > 0)
        json_object_set_new(body, "next_update_minutes", json_integer(promise));
    put_components(body, view, slack_typed(view, "level"));
    return body;
}

static void read_scope(const json_t *view, struct call *c, json_t *body)
{
    json_t *scope = slack_scope_of(c->s, slack_typed(view, "scope"));
    if (scope)
        json_object_set_new(body, "scope", scope);
    json_object_set_new(body, "audience", json_string(slack_typed(view, "audience")));
}

static void read_new(struct call *c, const json_t *view, const char *kind, struct slack_post *ret)
{
    ret->target = "/v1/incidents";
    ret->title = slack_typed(view, "title");
    json_object_set_new(ret->body, "title", json_string(ret->title));
    json_object_set_new(ret->body, "kind", json_string(kind));
    read_scope(view, c, ret->body);
}

static void put_moment(struct call *c, const json_t *view, const char *field, json_t *body)
{
    int64_t at = slack_typed_moment(view, field);
    if (at)
        json_object_set_new(body, field, json_string(clock_rfc3339(c->s, at * CLOCK_SECOND)));
}

/* Of an update or resolution: the incident, whose kind says how it ends. */
static bool read_about(struct call *c, enum slack_form form, const json_t *view,
    struct slack_post *ret, const char **ret_trouble)
{
    json_t *incident;
    const char *path =
        scope_printf(c->s, "/v1/incidents/%s", slack_escaped(c, slack_typed(view, "incident")));
    if (!slack_ask(c, GET, path, NULL, NULL, &incident)) {
        *ret_trouble = slack_problem(c, incident);
        return false;
    }
    ret->target = scope_printf(c->s, "%s/updates", path);
    ret->title = json_get_word(incident, "title");
    ret->body = read_post(
        c, view, form == SLACK_RESOLVE ? state_ended(incident) : slack_typed(view, "state"));
    return true;
}

bool slack_form_read(struct call *c, enum slack_form form, const json_t *view,
    struct slack_post *ret, const char **ret_trouble)
{
    *ret = (struct slack_post){0};
    if (form == SLACK_UPDATE || form == SLACK_RESOLVE)
        return read_about(c, form, view, ret, ret_trouble);
    bool planned = form == SLACK_SCHEDULE;
    ret->body = read_post(c, view, planned ? "scheduled" : slack_typed(view, "state"));
    read_new(c, view, planned ? "maintenance" : "incident", ret);
    if (planned) {
        put_components(ret->body, view, "under_maintenance");
        put_moment(c, view, "scheduled_from", ret->body);
        put_moment(c, view, "scheduled_until", ret->body);
    }
    return true;
}
