/* /staff/components: components and their groups in the order of the page; /staff/design: the
 * components of pages. */
#include <stdlib.h>
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/console.h"
#include "core/json.h"

static bool is_in(json_t *component, const char *group)
{
    const char *own = json_get_text(component, "group");
    return !json_get_text(component, "archived_at") && !strcmp(own ? own : "", group);
}

/* Mark the first and the last of a list, which have nowhere to move. */
static void mark_ends(json_t *list)
{
    size_t n = json_array_size(list), i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        json_object_set_new(one, "up", json_boolean(i > 0));
        json_object_set_new(one, "down", json_boolean(i + 1 < n));
    }
}

static void put_members(json_t *section, json_t *list, const char *group)
{
    json_t *members = json_array(), *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        if (is_in(one, group))
            json_array_append(members, one);
    }
    mark_ends(members);
    json_object_set_new(section, "components", members);
}

/* The components without a group, then each group with its own. */
static json_t *sections_of(json_t *list, json_t *groups)
{
    json_t *sections = json_array(), *section = json_object();
    size_t i;
    json_object_set_new(section, "in_group", json_false());
    put_members(section, list, "");
    json_array_append_new(sections, section);
    mark_ends(groups);
    json_array_foreach(groups, i, section)
    {
        json_object_set_new(section, "in_group", json_true());
        put_members(section, list, json_get_text(section, "slug"));
        json_array_append(sections, section);
    }
    return sections;
}

/* The tags of its translations: "de, ja"; null without. */
enum rc console_name_components(struct call *c, json_t *list)
{
    json_t *all, *one, *names = json_own(c->s, json_object());
    size_t i;
    TRY(console_all_rows(c, "/v1/components", &all));
    json_array_foreach(all, i, one)
        json_object_set(names, json_get_word(one, "slug"), json_object_get(one, "name"));
    json_array_foreach(list, i, one)
    {
        json_t *slug = json_object_get(one, "component");
        json_t *name = json_object_get(names, json_string_value(slug));
        json_object_set(one, "name", name ? name : slug);
    }
    return RC_OK;
}

static void put_languages(struct call *c, json_t *one)
{
    const char *tag, *tags = NULL;
    json_t *texts;
    json_object_foreach(json_object_get(one, "translations"), tag, texts) tags =
        tags ? scope_printf(c->s, "%s, %s", tags, tag) : tag;
    json_object_set_new(
        one, "escaped", json_string(console_escaped(c, json_get_word(one, "slug"))));
    json_object_set_new(one, "languages", tags ? json_string(tags) : json_null());
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *list, *groups, *one;
    json_t *archived = json_array();
    size_t i;
    json_object_set_new(context, "archived", archived);
    TRY(console_all_rows(c, "/v1/components", &list));
    TRY(console_get(c, "/v1/component-groups", &groups));
    console_put_problem(c, context, problem);
    json_object_set(context, "any", console_labelled(c, list, "level"));
    json_array_foreach(json_object_get(groups, "data"), i, one) put_languages(c, one);
    json_array_foreach(list, i, one)
    {
        put_languages(c, one);
        if (json_get_text(one, "archived_at"))
            json_array_append(archived, one);
    }
    json_object_set_new(context, "sections", sections_of(list, json_object_get(groups, "data")));
    return console_reply(c, "components", context);
}

enum rc console_components(struct call *c)
{
    return show(c, NULL);
}

static bool has(const struct call *c, const char *what)
{
    return !strcmp(form_text(c->form, "do", "save"), what);
}

static void put_text(const struct call *c, json_t *body, const char *name, bool even_empty)
{
    const char *text = form_text(c->form, name, "");
    if (even_empty ? form_get(c->form, name) != NULL : *text)
        json_object_set_new(body, name, json_string(text));
}

/* What a button or the fields ask for. The name of a group cannot be emptied. */
static json_t *body_of(const struct call *c, bool fresh)
{
    json_t *body = json_own(c->s, json_object());
    int64_t position = strtoll(form_text(c->form, "position", "1"), NULL, 10);
    if (has(c, "up") || has(c, "down")) {
        json_object_set_new(body, "position", json_integer(position + (has(c, "up") ? -1 : 1)));
    } else if (has(c, "archive") || has(c, "restore")) {
        json_object_set_new(body, "archived", json_boolean(has(c, "archive")));
    } else {
        put_text(c, body, "slug", true);
        put_text(c, body, "name", true);
        put_text(c, body, "group", !fresh);
        put_text(c, body, "description", !fresh);
        if (form_get(c->form, "fields"))
            json_object_set_new(body, "only_show_if_degraded",
                json_boolean(*form_text(c->form, "only_show_if_degraded", "")));
    }
    return body;
}

enum rc console_components_post(struct call *c)
{
    const char *was = form_text(c->form, "was", NULL), *group = form_text(c->form, "of", NULL);
    json_t *body = body_of(c, !was && !group), *reply;
    const char *path = "/v1/components";
    if (was || group)
        path = scope_printf(c->s, "%s/%s", group ? "/v1/component-groups" : path,
            console_escaped(c, group ? group : was));
    bool good = console_call(c, was || group ? PATCH : POST, path, body, &reply);
    return good ? console_go(c, "/staff/components") : show(c, reply);
}

enum rc console_design(struct call *c)
{
    static const char *const tones[] = {"operational", "degraded_performance", "partial_outage",
        "major_outage", "under_maintenance", NULL};
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "tones", console_choices(c, tones, "level", NULL));
    return console_reply(c, "design", context);
}
