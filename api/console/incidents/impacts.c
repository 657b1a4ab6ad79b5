/* /staff/incidents/{ref}/impacts: the impact windows that determine credits, beside the posts. */
#include <string.h>

#include "api/access/staff.h"
#include "api/console/console.h"
#include "api/console/incidents/impact_form.h"
#include "api/public/timeline.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/shape.h"
#include "templates/label.h"

static struct timeline_impact *bars_of(
    struct call *c, const struct impact_form *form, json_t *windows)
{
    size_t n = json_array_size(windows);
    struct timeline_impact *bars = SCOPE_ARRAY(c->s, struct timeline_impact, n + 1);
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_array_get(windows, i);
        bars[i] = (struct timeline_impact){
            .component = impact_form_component(form, json_get_word(one, "component")),
            .level = json_get_text(one, "level"),
            .from = console_instant(one, "from"),
            .to = console_instant(one, "to")};
    }
    return bars;
}

static json_t *picture(struct call *c, const struct impact_form *form, json_t *updates)
{
    json_t *impacts = form->impacts, *measured = json_object_get(form->whole, "measured");
    size_t n_posts = json_array_size(updates);
    int64_t *posts = SCOPE_ARRAY(c->s, int64_t, n_posts + 1);
    for (size_t i = 0; i < n_posts; i++)
        posts[i] = console_instant(json_array_get(updates, i), "posted_at");
    struct timeline timeline = {.impacts = bars_of(c, form, impacts),
        .n_impacts = json_array_size(impacts),
        .measured = bars_of(c, form, measured),
        .n_measured = json_array_size(measured),
        .posts = posts,
        .n_posts = n_posts,
        .now = clock_now(),
        .label = label_text(c->s, console_locale(c), "staff_incidents", "picture"),
        .locale = console_locale(c),
        .zone = c->staff->timezone};
    return timeline_json(c->s, &timeline);
}

static void name_components(const struct impact_form *form, json_t *windows)
{
    size_t i;
    json_t *one;
    json_array_foreach(windows, i, one) json_object_set_new(
        one, "name", json_string(impact_form_component(form, json_get_word(one, "component"))));
}

/* The measured windows in words, for those who do not see the picture. */
static json_t *measured_of(struct call *c, const struct impact_form *form)
{
    json_t *list = json_object_get(form->whole, "measured"), *one;
    size_t i;
    name_components(form, list);
    json_array_foreach(list, i, one)
    {
        json_object_set_new(one, "duration", impact_form_duration(c, one));
        if (!json_object_get(one, "to"))
            json_object_set_new(one, "to", json_null());
    }
    return list;
}

/* The ends of the scale as the other times of the page. */
static void put_scale(json_t *timeline)
{
    static const char *const ends[][2] = {{"from", "from_text"}, {"to", "to_text"}};
    for (size_t i = 0; json_is_object(timeline) && i < 2; i++)
        json_object_set(timeline, ends[i][1], json_object_get(timeline, ends[i][0]));
}

static enum rc show(struct call *c, const struct impact_form *form, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *incident, *warnings, *suggestions, *one;
    size_t i;
    struct form query = {0};
    TRY(console_get(c, console_incident_path(c, ""), &incident));
    TRY(console_get(c, console_incident_path(c, "/warnings"), &warnings));
    TRY(console_rows(c,
        scope_printf(c->s, "/v1/suggestions?limit=50&incident=%s", console_escaped(c, c->param[0])),
        &suggestions));
    json_array_foreach(suggestions, i, one) name_components(form, json_object_get(one, "windows"));
    TRY(console_put_ratios(c, suggestions, context));
    console_put_problem(c, context, problem);
    TRY(console_put_held(c, console_escaped(c, c->param[0]), context));
    if (c->route->verb == GET)
        TRY(form_read(c, &query));
    json_t *updates = json_object_get(incident, "updates");
    json_object_set_new(context, "saved", json_boolean(form_get(&query, "saved") != NULL));
    json_object_set_new(context, "holds", console_holds(c));
    json_object_set(context, "warnings", console_warnings(c, json_object_get(warnings, "data")));
    impact_form_put(c, form, context);
    json_object_set_new(context, "timeline", picture(c, form, updates));
    put_scale(json_object_get(context, "timeline"));
    json_object_set(context, "measured", measured_of(c, form));
    json_object_set(context, "posts", console_labelled(c, updates, "state"));
    json_object_set(context, "incident", incident);
    json_object_set_new(context, "ref", json_string(console_escaped(c, c->param[0])));
    console_title(context, json_get_text(incident, "title"));
    return console_reply(c, "incidents/impacts", context);
}

enum rc console_impacts(struct call *c)
{
    struct impact_form form;
    TRY(impact_form_read(c, &form));
    return show(c, &form, NULL);
}

/* What was typed is of windows that are no more: the page shows those that are. */
static enum rc show_stale(struct call *c, const struct impact_form *form)
{
    json_t *problem = json_own(c->s,
        json_pack("{s:i, s:s}", "status", 409, "detail", "the impacts were corrected meanwhile"));
    c->form = NULL;
    c->reply.status = 409;
    return show(c, form, problem);
}

enum rc console_impacts_post(struct call *c)
{
    struct impact_form form;
    struct texts keys = {0};
    json_t *reply;
    TRY(impact_form_read(c, &form));
    if (impact_form_is_stale(c, &form))
        return show_stale(c, &form);
    json_t *body = impact_form_typed(c, &form, &keys);
    console_take_hold(c, body);
    if (!console_call(c, PUT, console_incident_path(c, "/impacts"), body, &reply)) {
        impact_form_name_errors(c, reply, keys);
        return show(c, &form, reply);
    }
    if (json_is_integer(json_object_get(reply, "held_post")))
        return console_posted(c, NULL, reply);
    const char *page = form.page > 1 ? scope_printf(c->s, "&page=%zu", form.page) : "";
    return console_go(
        c, "/staff/incidents/%s/impacts?saved=1%s", console_escaped(c, c->param[0]), page);
}
