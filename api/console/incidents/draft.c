#include "api/console/incidents/draft.h"

#include <stdlib.h>
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/incidents/affected.h"
#include "api/console/console.h"
#include "api/incidents/incidents.h"
#include "api/console/scoped.h"
#include "api/console/translated.h"
#include "core/json.h"
#include "templates/label.h"

static const char *const incident_words[] = {
    "investigating", "identified", "monitoring", "resolved", "postmortem", NULL};
static const char *const maintenance_words[] = {
    "scheduled", "in_progress", "verifying", "completed", "cancelled", "postmortem", NULL};
/* Those that a new one may begin with; one that is over is entered as such. */
static const char *const incident_first[] = {
    "investigating", "identified", "monitoring", "resolved", NULL};
static const char *const maintenance_first[] = {"scheduled", "in_progress", "completed", NULL};
const char *const draft_whole_parts[] = {"title", "body", "affected_body", NULL};
static const char *const public_parts[] = {"title", "body", NULL};
const char *const draft_update_parts[] = {"body", "affected_body", NULL};
static const char *const promise_words[] = {"0", "15", "30", "60", "120", "240", "1440", NULL};

static const char *typed(const struct call *c, const char *name, const char *def)
{
    return c->form ? form_text(c->form, name, def) : def;
}

static json_t *chosen_components(struct call *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->form->n; i++) {
        const struct request_pair *field = &c->form->at[i];
        size_t mark = strlen(LEVEL_FIELD);
        if (strncmp(field->name, LEVEL_FIELD, mark) != 0 || !*field->value)
            continue;
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "component", field->name + mark, "level", field->value));
    }
    return list;
}

void draft_name_errors(struct call *c, json_t *problem)
{
    if (!problem || !c->form)
        return;
    scoped_name_errors(c, &(struct scoped){0}, problem, "scope");
    json_t *list = json_own(c->s, chosen_components(c)), *one;
    const char **slugs = SCOPE_ARRAY(c->s, const char *, json_array_size(list) + 1);
    size_t i;
    json_array_foreach(list, i, one) slugs[i] = json_get_text(one, "component");
    console_name_rows(
        c, problem, "components", (struct texts){.at = slugs, .n = json_array_size(list)});
}

static void put_time(struct call *c, json_t *body, const char *name, const char *field)
{
    const char *text = typed(c, field, "");
    if (*text)
        json_object_set_new(body, name, json_string(console_moment(c, text, "")));
}

void draft_put_times(struct call *c, json_t *body)
{
    put_time(c, body, "scheduled_from", "from");
    put_time(c, body, "scheduled_until", "until");
}

static void put_plan(struct call *c, json_t *body)
{
    const char *reminder = typed(c, "reminder", "");
    draft_put_times(c, body);
    json_object_set_new(body, "auto_start", json_boolean(*typed(c, "auto_start", "")));
    json_object_set_new(body, "auto_complete", json_boolean(*typed(c, "auto_complete", "")));
    if (*reminder)
        json_object_set_new(body, "reminder_minutes", json_integer(strtol(reminder, NULL, 10)));
}

static void put_audience(struct call *c, json_t *body)
{
    json_t *scope = scoped_typed(c, &(struct scoped){0});
    json_object_set_new(body, "audience", json_string(typed(c, "audience", "public")));
    if (json_object_size(scope))
        json_object_set(body, "scope", scope);
}

/* The text for the affected, if somebody reads it. */
static void put_affected(struct call *c, json_t *body, bool read)
{
    const char *text = typed(c, "affected_body", "");
    if (read && *text)
        json_object_set_new(body, "affected_body", json_string(text));
}

const char *const *draft_texts_for(const char *audience)
{
    return !strcmp(audience, "both") ? draft_whole_parts : public_parts;
}

const char *const *draft_texts(const json_t *incident)
{
    bool both = !strcmp(json_get_word(incident, "audience"), "both");
    if (!incident)
        return public_parts;
    return both ? draft_update_parts : public_parts + 1;
}

json_t *draft_preset(json_t *templates, const char *id)
{
    size_t i;
    json_t *one;
    json_array_foreach(templates, i, one)
    {
        if (json_get_int(one, "id") == strtoll(id, NULL, 10))
            return one;
    }
    return NULL;
}

json_t *draft_body(struct call *c, bool whole)
{
    json_t *body = json_own(c->s, json_object());
    long minutes = strtol(typed(c, "promise", "0"), NULL, 10);
    if (whole) {
        json_object_set_new(body, "title", json_string(typed(c, "title", "")));
        json_object_set_new(body, "kind", json_string(typed(c, "kind", "incident")));
        if (*typed(c, "from", ""))
            put_plan(c, body);
        if (form_get(c->form, "audience"))
            put_audience(c, body);
    }
    json_object_set_new(body, "state", json_string(typed(c, "state", "")));
    json_object_set_new(body, "body", json_string(typed(c, "body", "")));
    put_affected(c, body, !whole || !strcmp(typed(c, "audience", ""), "both"));
    json_object_set_new(body, "translations",
        translated_typed(
            c, whole ? draft_texts_for(typed(c, "audience", "")) : draft_update_parts));
    json_object_set_new(body, "components", chosen_components(c));
    json_object_set_new(body, "notify", json_boolean(*typed(c, "notify", "")));
    console_take_hold(c, body);
    if (minutes > 0)
        json_object_set_new(body, "next_update_minutes", json_integer(minutes));
    return body;
}

static const char *of(json_t *preset, const char *name)
{
    const char *text = json_get_text(preset, name);
    return text ? text : "";
}

static void show_plan(struct call *c, json_t *context)
{
    json_object_set_new(context, "from", json_string(typed(c, "from", "")));
    json_object_set_new(context, "until", json_string(typed(c, "until", "")));
    json_object_set_new(context, "reminder",
        json_string(typed(c, "reminder",
            scope_printf(c->s, "%lld", (long long)c->api->config->reminder_minutes))));
    json_object_set_new(
        context, "auto_start", json_boolean(!c->form || *typed(c, "auto_start", "")));
    json_object_set_new(
        context, "auto_complete", json_boolean(!c->form || *typed(c, "auto_complete", "")));
}

static const char *const *states_of(bool planned, bool first)
{
    if (first)
        return planned ? maintenance_first : incident_first;
    return planned ? maintenance_words : incident_words;
}

static enum rc put_translations(struct call *c, json_t *incident, json_t *preset, json_t *context)
{
    bool fresh = json_is_true(json_object_get(context, "fresh"));
    struct translated texts = {.parts = fresh ? draft_whole_parts : draft_texts(incident),
        .own = c->api->config->language,
        .form = c->form,
        .start = json_object_get(preset, "translations")};
    TRY(translated_readers(c, &texts.readers));
    translated_put(c, &texts, context);
    return RC_OK;
}

enum rc draft_show(
    struct call *c, const char *kind, json_t *incident, json_t *preset, json_t *context)
{
    bool planned = !strcmp(kind, "maintenance");
    json_t *state = json_object_get(incident, "state");
    const char *now = preset    ? of(preset, "state")
                      : state   ? json_string_value(state)
                      : planned ? "scheduled"
                                : "investigating";
    json_t *minutes = json_object_get(preset, "next_update_minutes");
    const char *promise = json_is_integer(minutes)
                              ? scope_printf(c->s, "%lld", (long long)json_integer_value(minutes))
                          : planned ? "0"
                                    : "30";
    json_object_set_new(context, "posted", json_boolean(c->form != NULL));
    json_object_set_new(context, "kind", json_string(kind));
    json_object_set_new(context, "planned", json_boolean(planned));
    json_object_set_new(context, "post_title", json_string(typed(c, "title", of(preset, "title"))));
    json_object_set_new(context, "body", json_string(typed(c, "body", of(preset, "body"))));
    json_object_set_new(context, "two_texts",
        json_boolean(!incident || !strcmp(json_get_word(incident, "audience"), "both")));
    json_object_set_new(context, "affected_body", json_string(typed(c, "affected_body", "")));
    json_object_set_new(context, "audiences",
        console_choices(c, incident_audiences, "staff_audience", typed(c, "audience", "public")));
    json_t *lists;
    TRY(scoped_lists(c, &lists));
    scoped_put(c, &(struct scoped){0}, lists, context);
    show_plan(c, context);
    json_object_set_new(context, "notify", json_boolean(!c->form || *typed(c, "notify", "")));
    json_object_set_new(context, "states",
        console_choices(c, states_of(planned, json_is_true(json_object_get(context, "fresh"))),
            "state", typed(c, "state", now)));
    json_object_set_new(context, "promises",
        console_choices(c, promise_words, "staff_promise", typed(c, "promise", promise)));
    json_object_set_new(context, "holds", console_holds(c));
    TRY(put_translations(c, incident, preset, context));
    return affected_put(c, incident, preset, context);
}
