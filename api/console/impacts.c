/* /staff/incidents/{ref}/impacts: the impact windows that determine credits, beside the posts. */
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/console.h"
#include "api/public/timeline.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/shape.h"
#include "templates/label.h"

enum { BLANK_ROWS = 2 };

static const char *const levels[] = {
    "degraded_performance", "partial_outage", "major_outage", "under_maintenance", NULL};

static const char *text(json_t *object, const char *name)
{
    const char *value = json_get_text(object, name);
    return value ? value : "";
}

static json_t *options(struct call *c, json_t *components, const char *slug)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(components, i, one)
    {
        bool selected = !strcmp(text(one, "slug"), slug);
        if (selected || !*text(one, "archived_at"))
            json_array_append_new(
                list, json_pack("{s:O, s:O, s:b}", "value", json_object_get(one, "slug"), "label",
                          json_object_get(one, "name"), "selected", selected));
    }
    (void)c;
    return list;
}

static json_t *level_options(struct call *c, const char *level)
{
    json_t *list = json_array();
    for (const char *const *word = levels; *word; word++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", *word, "label",
                                        label_text(c->s, console_locale(c), "level", *word),
                                        "selected", !strcmp(*word, level)));
    return list;
}

/* One line of the table: an impact, or a blank one. */
static json_t *row(struct call *c, json_t *components, json_t *impact, size_t n)
{
    return json_pack("{s:i, s:o, s:o, s:s, s:s, s:b, s:b}", "n", (int)n, "components",
        options(c, components, text(impact, "component")), "levels",
        level_options(c, text(impact, "level")), "from", text(impact, "from"), "to",
        text(impact, "to"), "estimated", json_is_true(json_object_get(impact, "estimated")),
        "blank", impact == NULL);
}

static const char *name_of(json_t *components, const char *slug)
{
    size_t i;
    json_t *one;
    json_array_foreach(components, i, one)
    {
        if (!strcmp(text(one, "slug"), slug))
            return text(one, "name");
    }
    return slug;
}

static int64_t instant(json_t *object, const char *name)
{
    int64_t at;
    return clock_parse(text(object, name), &at) ? at : SHAPE_NONE;
}

static json_t *picture(struct call *c, json_t *components, json_t *impacts, json_t *updates)
{
    size_t n = json_array_size(impacts), n_posts = json_array_size(updates);
    struct timeline_impact *bars = SCOPE_ARRAY(c->s, struct timeline_impact, n + 1);
    int64_t *posts = SCOPE_ARRAY(c->s, int64_t, n_posts + 1);
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_array_get(impacts, i);
        bars[i] = (struct timeline_impact){.component = name_of(components, text(one, "component")),
            .level = text(one, "level"),
            .from = instant(one, "from"),
            .to = instant(one, "to")};
    }
    for (size_t i = 0; i < n_posts; i++)
        posts[i] = instant(json_array_get(updates, i), "posted_at");
    struct timeline timeline = {.impacts = bars,
        .n_impacts = n,
        .posts = posts,
        .n_posts = n_posts,
        .now = clock_now(),
        .label = label_text(c->s, console_locale(c), "staff_incidents", "picture")};
    return timeline_json(c->s, &timeline);
}

static enum rc show(struct call *c, json_t *impacts, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *incident, *list, *rows = json_array(),
           *warnings;
    TRY(console_get(c, console_incident_path(c, ""), &incident));
    TRY(console_all_rows(c, "/v1/components", &list));
    TRY(console_get(c, console_incident_path(c, "/warnings"), &warnings));
    json_t *components = list;
    console_put_problem(c, context, problem);
    TRY(console_put_held(c, console_escaped(c, c->param[0]), context));
    json_object_set_new(context, "holds", console_holds(c));
    if (!impacts)
        impacts = json_object_get(incident, "impacts");
    size_t n = json_array_size(impacts);
    for (size_t i = 0; i < n + BLANK_ROWS; i++)
        json_array_append_new(rows, row(c, components, json_array_get(impacts, i), i));
    json_t *updates = json_object_get(incident, "updates");
    json_object_set(context, "warnings", console_warnings(c, json_object_get(warnings, "data")));
    json_object_set_new(context, "rows", rows);
    json_object_set_new(context, "timeline", picture(c, components, impacts, updates));
    json_object_set(context, "posts", console_labelled(c, updates, "state"));
    json_object_set(context, "incident", incident);
    json_object_set_new(context, "ref", json_string(console_escaped(c, c->param[0])));
    return console_reply(c, "incidents/impacts", context);
}

enum rc console_impacts(struct call *c)
{
    return show(c, NULL, NULL);
}

static const char *cell(struct call *c, const char *name, size_t n)
{
    return form_text(c->form, scope_printf(c->s, "%s:%zu", name, n), "");
}

/* Lines without a start are blank; a line with "drop" selected is removed. */
static json_t *typed(struct call *c)
{
    json_t *list = json_own(c->s, json_array());
    for (size_t n = 0; form_get(c->form, scope_printf(c->s, "component:%zu", n)); n++) {
        if (*cell(c, "drop", n) || !*cell(c, "from", n))
            continue;
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s?, s:b}", "component", cell(c, "component", n),
                      "level", cell(c, "level", n), "from", cell(c, "from", n), "to",
                      form_text(c->form, scope_printf(c->s, "to:%zu", n), NULL), "estimated",
                      *cell(c, "estimated", n) != '\0'));
    }
    return list;
}

enum rc console_impacts_post(struct call *c)
{
    json_t *impacts = typed(c), *body = json_own(c->s, json_object()), *reply;
    json_object_set(body, "impacts", impacts);
    console_take_hold(c, body);
    if (!console_call(c, PUT, console_incident_path(c, "/impacts"), body, &reply))
        return show(c, impacts, reply);
    if (json_is_integer(json_object_get(reply, "held_post")))
        return console_posted(c, NULL, reply);
    return console_go(c, "/staff/incidents/%s/impacts", console_escaped(c, c->param[0]));
}
