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

static json_t *options(json_t *components, const char *slug)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(components, i, one)
    {
        bool selected = !strcmp(json_get_word(one, "slug"), slug);
        if (selected || !json_get_text(one, "archived_at"))
            json_array_append_new(
                list, json_pack("{s:O, s:O, s:b}", "value", json_object_get(one, "slug"), "label",
                          json_object_get(one, "name"), "selected", selected));
    }
    return list;
}

static const char *name_of(json_t *components, const char *slug)
{
    size_t i;
    json_t *one;
    json_array_foreach(components, i, one)
    {
        if (!strcmp(json_get_word(one, "slug"), slug))
            return json_get_word(one, "name");
    }
    return slug;
}

static int64_t instant(json_t *object, const char *name)
{
    int64_t at;
    return clock_parse(json_get_word(object, name), &at) ? at : SHAPE_NONE;
}

static json_t *duration(struct call *c, json_t *impact)
{
    int64_t from = instant(impact, "from"), to = instant(impact, "to");
    return from == SHAPE_NONE || to == SHAPE_NONE
               ? json_null()
               : json_string(label_span(c->s, console_locale(c), (to - from) / CLOCK_SECOND));
}

static const char *cell(struct call *c, const char *name, size_t n)
{
    return form_text(c->form, scope_printf(c->s, "%s:%zu", name, n), "");
}

/* Members of an impact that the form does not change. It carries them as JSON, so that a save keeps
 * them. */
static const char *const rest[] = {"measured", "weight_bp", "scope"};
enum { RESTS = sizeof(rest) / sizeof(rest[0]) };

static void put_rest(json_t *into, json_t *impact)
{
    for (size_t i = 0; i < RESTS; i++) {
        json_t *value = json_object_get(impact, rest[i]);
        if (value && !json_is_null(value))
            json_object_set(into, rest[i], value);
    }
}

static const char *rest_of(struct call *c, json_t *impact, size_t n)
{
    json_t *kept = json_own(c->s, json_object());
    if (c->form)
        return cell(c, "was_rest", n);
    put_rest(kept, impact);
    return json_object_size(kept) ? json_text(c->s, kept) : "";
}

static void add_note(struct call *c, json_t *notes, const char *label, json_t *value)
{
    json_t *values = json_own(c->s, json_pack("{s:o}", "value", value));
    const char *text = label_text(c->s, console_locale(c), "staff_incidents", label);
    json_array_append_new(notes, json_string(label_fill(c->s, text, values)));
}

/* "region = eu, us; tier = gold". */
static json_t *scope_labels(json_t *labels)
{
    STRBUF(b, SIZE_MAX);
    const char *key;
    json_t *value, *one;
    size_t i;
    json_object_foreach(labels, key, value)
    {
        strbuf_addf(&b, "%s%s = ", b.len ? "; " : "", key);
        if (json_is_string(value))
            strbuf_addstr(&b, json_string_value(value));
        json_array_foreach(value, i, one)
            strbuf_addf(&b, "%s%s", i ? ", " : "", json_string_value(one));
    }
    return json_string(b.buf);
}

/* What the rest means for the money. */
static json_t *notes_of(struct call *c, json_t *impact)
{
    json_t *notes = json_array(), *scope = json_object_get(impact, "scope"),
           *labels = json_object_get(scope, "labels"),
           *accounts = json_object_get(scope, "accounts");
    const json_t *weight = json_object_get(impact, "weight_bp"),
                 *share = json_object_get(scope, "share_bp");
    if (json_is_true(json_object_get(impact, "measured")))
        add_note(c, notes, "impact_measured", json_null());
    if (json_is_integer(weight))
        add_note(c, notes, "impact_weight", json_string(console_percent(c, weight)));
    if (json_object_size(labels))
        add_note(c, notes, "impact_labels", scope_labels(labels));
    if (json_array_size(accounts))
        add_note(c, notes, "impact_accounts", json_integer((json_int_t)json_array_size(accounts)));
    if (json_is_integer(share))
        add_note(c, notes, "impact_share", json_string(console_percent(c, share)));
    return notes;
}

/* One row of the form: an impact, or a blank one. */
static json_t *row(struct call *c, json_t *components, json_t *impact, size_t n)
{
    json_t *estimated = json_object_get(impact, "estimated");
    const char *slug = json_get_word(impact, "component");
    return json_pack("{s:i, s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:o, s:b, s:b, s:b, s:s, s:o}", "n",
        (int)n, "component_name", name_of(components, slug), "components",
        options(components, slug), "levels",
        console_choices(c, levels, "level", json_get_word(impact, "level")), "from",
        console_wall(c, json_get_text(impact, "from")), "to",
        console_wall(c, json_get_text(impact, "to")), "was_from", json_get_word(impact, "from"),
        "was_to", json_get_word(impact, "to"), "duration", duration(c, impact), "estimated",
        json_is_true(estimated), "blank", impact == NULL, "open", n == 0, "was_rest",
        rest_of(c, impact, n), "notes", notes_of(c, impact));
}

static struct timeline_impact *bars_of(struct call *c, json_t *components, json_t *windows)
{
    size_t n = json_array_size(windows);
    struct timeline_impact *bars = SCOPE_ARRAY(c->s, struct timeline_impact, n + 1);
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_array_get(windows, i);
        bars[i] = (struct timeline_impact){
            .component = name_of(components, json_get_word(one, "component")),
            .level = json_get_text(one, "level"),
            .from = instant(one, "from"),
            .to = instant(one, "to")};
    }
    return bars;
}

static json_t *picture(struct call *c, json_t *components, json_t *whole, json_t *updates)
{
    json_t *impacts = json_object_get(whole, "impacts"),
           *measured = json_object_get(whole, "measured");
    size_t n_posts = json_array_size(updates);
    int64_t *posts = SCOPE_ARRAY(c->s, int64_t, n_posts + 1);
    for (size_t i = 0; i < n_posts; i++)
        posts[i] = instant(json_array_get(updates, i), "posted_at");
    struct timeline timeline = {.impacts = bars_of(c, components, impacts),
        .n_impacts = json_array_size(impacts),
        .measured = bars_of(c, components, measured),
        .n_measured = json_array_size(measured),
        .posts = posts,
        .n_posts = n_posts,
        .now = clock_now(),
        .label = label_text(c->s, console_locale(c), "staff_incidents", "picture")};
    return timeline_json(c->s, &timeline);
}

/* The measured windows in words, for those who do not see the picture. */
static json_t *measured_of(struct call *c, json_t *components, json_t *whole)
{
    json_t *list = json_object_get(whole, "measured"), *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        json_object_set_new(
            one, "name", json_string(name_of(components, json_get_word(one, "component"))));
        json_object_set_new(one, "duration", duration(c, one));
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

/* As many as were sent, so that each finds its text again, or those of the incident and blank ones.
 */
static json_t *rows_of(struct call *c, json_t *components, json_t *impacts)
{
    json_t *rows = json_array();
    size_t n = 0, size = json_array_size(impacts);
    while (c->form && form_get(c->form, scope_printf(c->s, "component:%zu", n)))
        n++;
    n = n > size ? n : size + BLANK_ROWS;
    for (size_t i = 0; i < n; i++)
        json_array_append_new(rows, row(c, components, json_array_get(impacts, i), i));
    return rows;
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *incident, *components, *warnings, *whole;
    TRY(console_get(c, console_incident_path(c, ""), &incident));
    TRY(console_get(c, console_incident_path(c, "/impacts"), &whole));
    TRY(console_all_rows(c, "/v1/components", &components));
    TRY(console_get(c, console_incident_path(c, "/warnings"), &warnings));
    console_put_problem(c, context, problem);
    TRY(console_put_held(c, console_escaped(c, c->param[0]), context));
    struct form query = {0};
    if (!c->form)
        TRY(form_read(c, &query));
    json_t *impacts = json_object_get(whole, "impacts"),
           *updates = json_object_get(incident, "updates");
    json_object_set_new(context, "saved", json_boolean(form_get(&query, "saved") != NULL));
    json_object_set_new(context, "holds", console_holds(c));
    json_object_set(context, "warnings", console_warnings(c, json_object_get(warnings, "data")));
    json_object_set_new(context, "rows", rows_of(c, components, impacts));
    json_object_set_new(context, "timeline", picture(c, components, whole, updates));
    put_scale(json_object_get(context, "timeline"));
    json_object_set(context, "measured", measured_of(c, components, whole));
    json_object_set(context, "posts", console_labelled(c, updates, "state"));
    json_object_set(context, "incident", incident);
    json_object_set_new(context, "ref", json_string(console_escaped(c, c->param[0])));
    console_title(context, json_get_text(incident, "title"));
    return console_reply(c, "incidents/impacts", context);
}

enum rc console_impacts(struct call *c)
{
    return show(c, NULL);
}

static const char *moment(struct call *c, const char *name, const char *was, size_t n)
{
    const char *typed = cell(c, name, n);
    return *typed ? console_moment(c, typed, cell(c, was, n)) : NULL;
}

/* The rest of row n into its impact. Where staff changed a time, the times are no longer those of
 * an alert. */
static enum rc keep_rest(struct call *c, json_t *impact, size_t n)
{
    const char *text = cell(c, "was_rest", n);
    json_t *kept;
    if (!*text)
        return RC_OK;
    if (json_parse(c->s, text, strlen(text), &kept) != RC_OK)
        return fail_field(c->s, RC_INVALID, scope_printf(c->s, "was_rest:%zu", n), "is no JSON");
    put_rest(impact, kept);
    if (strcmp(json_get_word(impact, "from"), cell(c, "was_from", n)) != 0 ||
        strcmp(json_get_word(impact, "to"), cell(c, "was_to", n)) != 0)
        json_object_del(impact, "measured");
    return RC_OK;
}

/* Rows without a start are blank; a row with "drop" selected is removed. keys: the rows of those
 * that stay. */
static enum rc typed(struct call *c, struct texts *keys, json_t *list)
{
    const char **at = SCOPE_ARRAY(c->s, const char *, FORM_FIELDS);
    for (size_t n = 0; form_get(c->form, scope_printf(c->s, "component:%zu", n)); n++) {
        if (*cell(c, "drop", n) || !*cell(c, "from", n))
            continue;
        at[keys->n++] = scope_printf(c->s, "%zu", n);
        json_t *one = json_pack("{s:s, s:s, s:s, s:s?, s:b}", "component", cell(c, "component", n),
            "level", cell(c, "level", n), "from", moment(c, "from", "was_from", n), "to",
            moment(c, "to", "was_to", n), "estimated", *cell(c, "estimated", n) != '\0');
        json_array_append_new(list, one);
        TRY(keep_rest(c, one, n));
    }
    keys->at = at;
    return RC_OK;
}

enum rc console_impacts_post(struct call *c)
{
    struct texts keys = {0};
    json_t *impacts = json_own(c->s, json_array()), *body = json_own(c->s, json_object()), *reply;
    TRY(typed(c, &keys, impacts));
    json_object_set(body, "impacts", impacts);
    console_take_hold(c, body);
    if (!console_call(c, PUT, console_incident_path(c, "/impacts"), body, &reply)) {
        console_name_rows(c, reply, "impacts", keys);
        return show(c, reply);
    }
    if (json_is_integer(json_object_get(reply, "held_post")))
        return console_posted(c, NULL, reply);
    return console_go(c, "/staff/incidents/%s/impacts?saved=1", console_escaped(c, c->param[0]));
}
