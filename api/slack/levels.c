#include "api/slack/levels.h"

#include <string.h>

#include "api/slack/ask.h"
#include "api/slack/blocks.h"
#include "core/json.h"
#include "templates/label.h"

enum { LEVELS_MAX = 30, LINE_MAX = 64 * 1024 };

static const char *const words[] = {"operational", "degraded_performance", "partial_outage",
    "major_outage", "under_maintenance", NULL};

/* The level of a component in an incident or template, or "". */
static const char *level_in(const json_t *of, const char *slug)
{
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(of, "components"), i, one)
    {
        if (!strcmp(json_get_word(one, "component"), slug))
            return json_get_word(one, "level");
    }
    return "";
}

static bool is_hit(const json_t *of, const char *slug)
{
    const char *level = level_in(of, slug);
    return *level && strcmp(level, "operational") != 0;
}

/* All components, owned by c->s. False: *ret is the problem. */
static bool all_components(struct call *c, json_t **ret)
{
    bool done = slack_ask(c, GET, "/v1/components?limit=1000", NULL, NULL, ret);
    if (done)
        *ret = json_object_get(*ret, "data");
    return done;
}

static const char *name_of(const json_t *components, const char *slug)
{
    const json_t *one;
    size_t i;
    json_array_foreach(components, i, one)
    {
        if (!strcmp(json_get_word(one, "slug"), slug))
            return json_get_word(one, "name");
    }
    return slug;
}

static void add_slugs(json_t *list, const json_t *of, bool all)
{
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(of, "components"), i, one)
    {
        const char *slug = json_get_word(one, "component");
        if (all || is_hit(of, slug))
            json_array_append_new(list, json_string(slug));
    }
}

/* What is chosen: in the view, else by the template and the incident. Owned by the scope. */
static json_t *chosen_of(const struct making *m)
{
    json_t *list = json_own(m->c->s, json_array());
    const char *slug;
    if (slack_has_input(m->view, "components", m->of_both)) {
        for (size_t i = 0; (slug = slack_typed_at(m->view, "components", i)); i++)
            json_array_append_new(list, json_string(slug));
        return list;
    }
    add_slugs(list, m->preset, true);
    json_t *own = json_own(m->c->s, json_array()), *one;
    size_t i;
    add_slugs(own, m->about, false);
    json_array_foreach(own, i, one)
    {
        if (!*level_in(m->preset, json_string_value(one)))
            json_array_append(list, one);
    }
    return list;
}

static bool is_among(const json_t *list, const char *slug)
{
    const json_t *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        if (!strcmp(json_string_value(one), slug))
            return true;
    }
    return false;
}

/* Those to choose from: an archived one only if it is chosen. */
static json_t *options_of(const struct making *m, const json_t *components, const json_t *chosen)
{
    json_t *options = json_array();
    const json_t *one;
    size_t i;
    json_array_foreach(components, i, one)
    {
        const char *slug = json_get_word(one, "slug");
        if (!json_get_text(one, "archived_at") || is_among(chosen, slug))
            json_array_append_new(options, slack_option(m->c, json_get_word(one, "name"), slug));
    }
    return options;
}

static void add_all(const struct making *m, const char *value)
{
    json_t *options = slack_options(m->c, words, "level");
    if (!strcmp(value, LEVELS_UNCHANGED))
        json_array_insert_new(
            options, 0, slack_option(m->c, slack_word(m->c, "level_unchanged"), LEVELS_UNCHANGED));
    else { /* none is opened as operational or, unless a template says so, under maintenance */
        json_array_remove(options, 0);
        json_array_remove(options, json_array_size(options) - 1);
    }
    making_add(m, &(struct slack_field){.name = "level"}, slack_select(m->c, options, value));
}

static void add_one(const struct making *m, const char *slug, const char *name)
{
    struct call *c = m->c;
    const char *now = level_in(m->about, slug), *level = level_in(m->preset, slug);
    json_t *options = slack_options(c, words, "level");
    json_t *values = json_own(
        c->s, json_pack("{s:s}", "level", label_text(c->s, slack_locale(c), "level", now)));
    json_array_insert_new(options, 0, slack_option(c, slack_word(c, "level_same"), LEVELS_SAME));
    making_add(m,
        &(struct slack_field){.name = scope_printf(c->s, "level:%s", slug),
            .mark = m->of_both,
            .label = name,
            .hint = *now ? label_fill(c->s, slack_word(c, "level_now"), values) : NULL},
        slack_select(c, options, *level ? level : LEVELS_SAME));
}

static void add_each(const struct making *m, const json_t *components, const json_t *chosen)
{
    size_t n = json_array_size(chosen), own = n < LEVELS_MAX ? n : LEVELS_MAX;
    for (size_t i = 0; i < own; i++) {
        const char *slug = json_string_value(json_array_get(chosen, i));
        add_one(m, slug, name_of(components, slug));
    }
    if (own == n)
        return;
    json_t *values = json_own(m->c->s, json_pack("{s:I}", "n", (json_int_t)(n - own)));
    const char *text = label_fill(m->c->s, slack_word(m->c, "level_more"), values);
    json_array_append_new(m->blocks, blocks_context(m->c->s, blocks_escape(m->c->s, text)));
}

bool levels_add(struct making *m, const char *value, const char **ret_trouble)
{
    json_t *components;
    if (!all_components(m->c, &components)) {
        *ret_trouble = slack_problem(m->c, components);
        return false;
    }
    const json_t *chosen = chosen_of(m);
    json_t *options = options_of(m, components, chosen);
    if (!json_array_size(options)) {
        json_decref(options);
        return true;
    }
    making_add(m,
        &(struct slack_field){.name = "components",
            .mark = m->of_both,
            .optional = true,
            .hint = value ? NULL : slack_word(m->c, "schedule_level"),
            .asks = value != NULL},
        slack_multi_select(m->c, options, chosen));
    if (!value)
        return true;
    add_all(m, value);
    add_each(m, components, chosen);
    return true;
}

/* The level that is chosen for a component, or "". */
static const char *chosen_level(struct call *c, const json_t *view, const char *slug)
{
    if (!slack_block_of(view, "level"))
        return "under_maintenance";
    const char *own = slack_typed(view, scope_printf(c->s, "level:%s", slug));
    const char *level = *own && strcmp(own, LEVELS_SAME) != 0 ? own : slack_typed(view, "level");
    return strcmp(level, LEVELS_UNCHANGED) != 0 ? level : "";
}

void levels_read(
    struct call *c, const json_t *view, const json_t *about, json_t *body, json_t *errors)
{
    json_t *list = json_array();
    const char *slug;
    for (size_t i = 0; (slug = slack_typed_at(view, "components", i)); i++) {
        const char *level = chosen_level(c, view, slug);
        const char *block = slack_block_of(view, scope_printf(c->s, "level:%s", slug));
        if (*level)
            json_array_append_new(list, json_pack("{s:s, s:s}", "component", slug, "level", level));
        else if (!is_hit(about, slug))
            json_object_set_new(errors, block ? block : slack_block_of(view, "level"),
                json_string(slack_word(c, "level_missing")));
    }
    json_object_set_new(body, "components", list);
}

const char *levels_line(struct call *c, const json_t *body)
{
    STRBUF(b, LINE_MAX);
    json_t *components = NULL;
    const json_t *list = json_object_get(body, "components"), *one;
    size_t i;
    if (!json_array_size(list) || !all_components(c, &components))
        return "";
    json_array_foreach(list, i, one) strbuf_addf(&b, "%s%s: %s", b.len ? ", " : "",
        name_of(components, json_get_word(one, "component")),
        label_text(c->s, slack_locale(c), "level", json_get_word(one, "level")));
    return strbuf_copy(&b, c->s);
}
