/* The components of a draft, in the groups of the page. */
#include "api/console/incidents/affected.h"

#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "templates/label.h"

/* With more, groups are closed and can be searched. */
enum { FEW = 12 };

static const char *const level_words[] = {"operational", "degraded_performance", "partial_outage",
    "major_outage", "under_maintenance", NULL};

/* The level of a component in an incident or template, or "". */
static const char *standing(json_t *of, const char *slug)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(of, "components"), i, one)
    {
        if (!strcmp(json_get_text(one, "component"), slug))
            return json_get_text(one, "level");
    }
    return "";
}

static json_t *row_of(struct call *c, json_t *component, json_t *incident, json_t *preset)
{
    const char *slug = json_get_text(component, "slug");
    const char *field = scope_printf(c->s, LEVEL_FIELD "%s", slug);
    const char *now = standing(incident, slug), *level = standing(preset, slug);
    level = c->form ? form_text(c->form, field, "") : level;
    json_t *row = json_object();
    json_object_set(row, "name", json_object_get(component, "name"));
    json_object_set_new(row, "field", json_string(field));
    json_object_set_new(row, "now",
        *now ? json_string(label_text(c->s, console_locale(c), "level", now)) : json_null());
    json_object_set_new(row, "levels", console_choices(c, level_words, "level", level));
    json_object_set_new(row, "used", json_boolean(*now || *level));
    return row;
}

/* The components of a group; group NULL: of none. */
static json_t *section_of(json_t *rows, json_t *group, json_t *all)
{
    const char *slug = json_get_word(group, "slug");
    json_t *section = json_object(), *members = json_array(), *one;
    size_t i;
    bool open = json_array_size(rows) <= FEW;
    json_array_foreach(rows, i, one)
    {
        if (strcmp(json_get_word(json_array_get(all, i), "group"), slug) != 0 || json_is_null(one))
            continue;
        open |= json_is_true(json_object_get(one, "used"));
        json_array_append(members, one);
    }
    const char *name = json_get_text(group, "name");
    json_object_set_new(section, "group", group ? json_string(name ? name : slug) : json_null());
    json_object_set_new(section, "open", json_boolean(open));
    json_object_set_new(section, "size", json_integer((json_int_t)json_array_size(members)));
    json_object_set_new(section, "members", members);
    return section;
}

enum rc affected_put(struct call *c, json_t *incident, json_t *preset, json_t *context)
{
    json_t *all, *groups, *one, *rows = json_own(c->s, json_array()), *sections = json_array();
    size_t i;
    TRY(console_all_rows(c, "/v1/components", &all));
    TRY(console_rows(c, "/v1/component-groups", &groups));
    json_array_foreach(all, i, one)
    {
        bool gone =
            json_get_text(one, "archived_at") && !*standing(incident, json_get_text(one, "slug"));
        json_array_append_new(rows, gone ? json_null() : row_of(c, one, incident, preset));
    }
    json_array_append_new(sections, section_of(rows, NULL, all));
    json_array_foreach(groups, i, one) json_array_append_new(sections, section_of(rows, one, all));
    for (i = json_array_size(sections); i-- > 0;)
        if (!json_array_size(json_object_get(json_array_get(sections, i), "members")))
            json_array_remove(sections, i);
    json_object_set_new(context, "sections", sections);
    json_object_set_new(context, "many", json_boolean(json_array_size(rows) > FEW));
    return RC_OK;
}
