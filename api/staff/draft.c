#include "api/staff/draft.h"

#include <stdlib.h>
#include <string.h>

#include "api/reader.h"
#include "api/staff/desk.h"
#include "core/json.h"
#include "templates/label.h"

#define LEVEL_FIELD "level:"

static const char *const incident_words[] = {
    "investigating", "identified", "monitoring", "resolved", "postmortem", NULL};
static const char *const maintenance_words[] = {
    "scheduled", "in_progress", "verifying", "completed", "postmortem", NULL};
static const char *const level_words[] = {"operational", "degraded_performance", "partial_outage",
    "major_outage", "under_maintenance", NULL};
static const char *const promise_words[] = {"0", "15", "30", "60", "120", "240", "1440", NULL};
static const char *const hold_words[] = {"0", "30", "120", NULL};

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

json_t *draft_body(struct call *c, bool whole)
{
    json_t *body = json_own(c->s, json_object());
    long minutes = strtol(typed(c, "promise", "0"), NULL, 10);
    if (whole) {
        json_object_set_new(body, "title", json_string(typed(c, "title", "")));
        json_object_set_new(body, "kind", json_string(typed(c, "kind", "incident")));
    }
    json_object_set_new(body, "state", json_string(typed(c, "state", "")));
    json_object_set_new(body, "body", json_string(typed(c, "body", "")));
    json_object_set_new(body, "components", chosen_components(c));
    json_object_set_new(body, "notify", json_boolean(*typed(c, "notify", "")));
    json_object_set_new(
        body, "hold_seconds", json_integer(strtol(typed(c, "hold", "0"), NULL, 10)));
    if (minutes > 0)
        json_object_set_new(body, "next_update_minutes", json_integer(minutes));
    return body;
}

static json_t *choice(const char *value, const char *label, bool selected)
{
    return json_pack("{s:s, s:s, s:b}", "value", value, "label", label, "selected", selected);
}

/* words: values of a select or of radio buttons; set: of their labels. */
static json_t *choices(struct call *c, const char *locale, const char *const *words,
    const char *set, const char *selected)
{
    json_t *list = json_array();
    for (; *words; words++)
        json_array_append_new(
            list, choice(*words, label_text(c->s, locale, set, *words), !strcmp(*words, selected)));
    return list;
}

/* The level that an incident has for a component now, or "". */
static const char *standing(json_t *incident, const char *slug)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(incident, "components"), i, one)
    {
        if (!strcmp(json_string_value(json_object_get(one, "component")), slug))
            return json_string_value(json_object_get(one, "level"));
    }
    return "";
}

static enum rc put_components(struct call *c, const char *locale, json_t *incident, json_t *context)
{
    json_t *list, *one, *shown = json_array();
    size_t i;
    TRY(desk_get(c, "/v1/components", &list));
    json_array_foreach(json_object_get(list, "data"), i, one)
    {
        const char *slug = json_string_value(json_object_get(one, "slug"));
        const char *field = scope_printf(c->s, LEVEL_FIELD "%s", slug);
        json_t *row = json_object();
        json_object_set(row, "name", json_object_get(one, "name"));
        json_object_set_new(row, "field", json_string(field));
        const char *now = standing(incident, slug);
        json_object_set_new(
            row, "now", *now ? json_string(label_text(c->s, locale, "level", now)) : json_null());
        const char *level = typed(c, field, "");
        json_object_set_new(row, "levels", choices(c, locale, level_words, "level", level));
        json_array_append_new(shown, row);
    }
    json_object_set_new(context, "components", shown);
    return RC_OK;
}

enum rc draft_show(struct call *c, const char *kind, json_t *incident, json_t *context)
{
    const char *locale = desk_locale(c);
    bool planned = !strcmp(kind, "maintenance");
    json_t *state = json_object_get(incident, "state");
    const char *now = state ? json_string_value(state) : planned ? "scheduled" : "investigating";
    json_object_set_new(context, "kind", json_string(kind));
    json_object_set_new(context, "planned", json_boolean(planned));
    json_object_set_new(context, "post_title", json_string(typed(c, "title", "")));
    json_object_set_new(context, "body", json_string(typed(c, "body", "")));
    json_object_set_new(context, "notify", json_boolean(!c->form || *typed(c, "notify", "")));
    json_object_set_new(context, "states",
        choices(c, locale, planned ? maintenance_words : incident_words, "state",
            typed(c, "state", now)));
    json_object_set_new(context, "promises",
        choices(c, locale, promise_words, "staff_promise", typed(c, "promise", "30")));
    json_object_set_new(
        context, "holds", choices(c, locale, hold_words, "staff_hold", typed(c, "hold", "30")));
    return put_components(c, locale, incident, context);
}
