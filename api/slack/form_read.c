/* What was submitted in a form, as the API takes it. */
#include <stdlib.h>
#include <string.h>

#include "api/slack/ask.h"
#include "api/slack/form.h"
#include "api/slack/inputs.h"
#include "api/slack/levels.h"
#include "api/slack/scope_words.h"
#include "api/slack/texts.h"
#include "core/clock.h"
#include "core/json.h"

/* What all posts have. about: the incident, or NULL. */
static void read_post(
    struct call *c, const json_t *view, const json_t *about, struct slack_post *ret)
{
    long promise = strtol(slack_typed(view, "next_update_minutes"), NULL, 10);
    long hold = strtol(slack_typed(view, "hold_seconds"), NULL, 10);
    json_object_set_new(
        ret->body, "notify", json_boolean(slack_typed_at(view, "notify", 0) != NULL));
    json_object_set_new(ret->body, "hold_seconds", json_integer(hold));
    if (promise > 0)
        json_object_set_new(ret->body, "next_update_minutes", json_integer(promise));
    texts_read(c, view, ret->body);
    levels_read(c, view, about, ret->body, ret->errors);
}

static void read_scope(struct call *c, const json_t *view, struct slack_post *ret)
{
    const char *words = slack_typed(view, "scope"), *list = slack_typed(view, "scope_list");
    json_t *scope = slack_scope_of(c->s, words);
    if (!scope)
        scope = json_object();
    if (*list)
        json_object_set_new(scope, "list", json_string(list));
    if (json_object_size(scope))
        json_object_set(ret->body, "scope", scope);
    json_decref(scope);
    json_object_set_new(ret->body, "audience", json_string(slack_typed(view, "audience")));
    ret->scope = scope_printf(c->s, "%s%s%s", words, *words && *list ? " " : "", list);
}

static void put_moment(struct call *c, const json_t *view, const char *field, json_t *body)
{
    int64_t at = slack_typed_moment(view, field);
    if (at)
        json_object_set_new(body, field, json_string(clock_rfc3339(c->s, at * CLOCK_SECOND)));
}

static void read_new(
    struct call *c, enum slack_form form, const json_t *view, struct slack_post *ret)
{
    bool planned = form == SLACK_SCHEDULE;
    const char *state = planned ? "scheduled" : slack_typed(view, "state");
    ret->target = "/v1/incidents";
    ret->title = slack_typed(view, "title");
    json_object_set_new(ret->body, "title", json_string(ret->title));
    json_object_set_new(ret->body, "kind", json_string(planned ? "maintenance" : "incident"));
    json_object_set_new(ret->body, "state", json_string(state));
    read_post(c, view, NULL, ret);
    read_scope(c, view, ret);
    put_moment(c, view, "scheduled_from", ret->body);
    put_moment(c, view, "scheduled_until", ret->body);
}

/* Of an update or end: the incident, whose kind says how it ends. */
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
    if (json_get_text(incident, "resolved_at")) {
        *ret_trouble = slack_word(c, "incident_ended");
        return false;
    }
    bool planned = !strcmp(json_get_word(incident, "kind"), "maintenance");
    const char *state = form == SLACK_UPDATE ? slack_typed(view, "state")
                        : planned            ? "completed"
                                             : "resolved";
    ret->target = scope_printf(c->s, "%s/updates", path);
    ret->title = json_get_word(incident, "title");
    json_object_set_new(ret->body, "state", json_string(state));
    read_post(c, view, incident, ret);
    return true;
}

bool slack_form_read(struct call *c, enum slack_form form, const json_t *view,
    struct slack_post *ret, const char **ret_trouble)
{
    *ret = (struct slack_post){
        .body = json_own(c->s, json_object()), .errors = json_own(c->s, json_object())};
    if (form == SLACK_UPDATE || form == SLACK_RESOLVE)
        return read_about(c, form, view, ret, ret_trouble);
    read_new(c, form, view, ret);
    return true;
}
