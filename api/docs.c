/* GET /docs: the route table for people; /openapi.json is for programs. */
#include <jansson.h>
#include <string.h>

#include "api/call/page.h"
#include "api/routes.h"
#include "api/call/route.h"
#include "core/json.h"

enum { DEPTH_MAX = 4 };

static const char *type_of(const struct field *field)
{
    static const char *const types[] = {[FIELD_TEXT] = "text",
        [FIELD_INT] = "integer",
        [FIELD_BOOL] = "true or false",
        [FIELD_TIME] = "time, RFC 3339",
        [FIELD_DATE] = "YYYY-MM-DD",
        [FIELD_DECIMAL] = "decimal as text",
        [FIELD_JSON] = "JSON",
        [FIELD_RAW] = "JSON",
        [FIELD_TEXTS] = "list of strings",
        [FIELD_OBJECT] = "object",
        [FIELD_LIST] = "list of objects"};
    return types[field->type];
}

/* "one | two", or NULL without a restriction. */
static const char *words_of(struct scope *s, const struct field *field)
{
    if (!field->one_of)
        return NULL;
    STRBUF(b, 4096);
    for (const char *const *word = field->one_of; *word; word++)
        strbuf_addf(&b, "%s%s", b.len ? " | " : "", *word);
    return strbuf_copy(&b, s);
}

/* Nested fields follow their parent with a path: components[].level. */
static void add_fields(
    struct scope *s, json_t *list, const struct shape *shape, const char *path, int depth)
{
    for (size_t i = 0; shape && depth < DEPTH_MAX && i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->secret)
            continue;
        const char *name = scope_printf(s, "%s%s", path, field->name);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b, s:s?, s:s?, s:s?}", "name", name, "type",
                      type_of(field), "required", field->required, "words", words_of(s, field),
                      "def", field->def && *field->def ? field->def : NULL, "doc", field->doc));
        if (field->of)
            add_fields(s, list, field->of,
                scope_printf(s, "%s%s.", name, field->type == FIELD_LIST ? "[]" : ""), depth + 1);
    }
}

static json_t *fields(struct scope *s, const struct shape *shape)
{
    json_t *list = json_array();
    add_fields(s, list, shape, "", 0);
    return list;
}

static json_t *route_json(struct scope *s, const struct route *route)
{
    return json_pack("{s:s, s:s, s:s, s:s?, s:s, s:i, s:b, s:o, s:o, s:o, s:s?}", "verb",
        verb_name(route->verb), "path", route->path, "doc", route->doc, "scope", route->scope, "id",
        scope_printf(s, "%s%s", verb_name(route->verb), route->path), "status",
        route->status ? route->status : 200, "list", route->list, "query", fields(s, route->query),
        "body", fields(s, route->body), "reply", fields(s, route->reply), "media",
        route->reply ? NULL : route->media);
}

/* "/v1/credits/acks" belongs to "credits"; other paths are for machines. */
static const char *resource_of(struct scope *s, const struct route *route)
{
    if (strncmp(route->path, "/v1/", 4) != 0)
        return "Hooks and machines";
    return scope_strndup(s, route->path + 4, strcspn(route->path + 4, "/"));
}

static json_t *group_of(json_t *groups, const char *name)
{
    json_t *group;
    size_t i;
    json_array_foreach(groups, i, group)
    {
        if (!strcmp(json_get_text(group, "name"), name))
            return group;
    }
    group = json_pack("{s:s, s:[]}", "name", name, "routes");
    json_array_append_new(groups, group);
    return group;
}

enum rc page_docs(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *groups = json_array();
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)); i++) {
        if (route->page || route->staff || route->cached_page)
            continue;
        json_t *group = group_of(groups, resource_of(c->s, route));
        json_array_append_new(json_object_get(group, "routes"), route_json(c->s, route));
    }
    json_object_set_new(context, "groups", groups);
    return page_reply(c, "docs", "API", context, false);
}
