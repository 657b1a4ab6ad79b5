/* GET /docs: the route table for people; /openapi.json is for programs. */
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "api/call/page.h"
#include "api/call/problem.h"
#include "api/call/route.h"
#include "api/docs/example.h"
#include "api/openapi/parts.h"
#include "api/routes.h"
#include "core/json.h"

enum { DEPTH_MAX = 4, KIB = 1024 };

static const char *form_of(const struct field *field)
{
    static const char *const forms[] = {[FORM_ANY] = "JSON",
        [FORM_OBJECT] = "object",
        [FORM_WORD] = "string or object",
        [FORM_LIST] = "list of objects",
        [FORM_MAP] = "object of objects",
        [FORM_INT_MAP] = "object of integers",
        [FORM_COUNTS_MAP] = "object of objects of integers",
        [FORM_TEXTS] = "list of strings",
        [FORM_INTS] = "list of integers",
        [FORM_IDS] = "list of integers or strings",
        [FORM_TEXT] = "string",
        [FORM_INT] = "integer",
        [FORM_BOOL] = "true or false"};
    return forms[field->form];
}

static const char *type_of(const struct field *field)
{
    static const char *const types[] = {[FIELD_TEXT] = "text",
        [FIELD_INT] = "integer",
        [FIELD_BOOL] = "true or false",
        [FIELD_TIME] = "time, RFC 3339",
        [FIELD_DATE] = "YYYY-MM-DD",
        [FIELD_DECIMAL] = "decimal as text",
        [FIELD_TEXTS] = "list of strings",
        [FIELD_OBJECT] = "object",
        [FIELD_LIST] = "list of objects"};
    bool json = field->type == FIELD_JSON || field->type == FIELD_RAW;
    return json ? form_of(field) : types[field->type];
}

static bool is_list(const struct field *field)
{
    return field->type == FIELD_LIST || field->form == FORM_LIST;
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

/* "1 to 250 characters", or NULL without a bound of its own. */
static const char *bounds_of(struct scope *s, const struct field *field)
{
    const char *unit = field->type == FIELD_TEXT                                 ? " characters"
                       : field->type == FIELD_TEXTS || field->type == FIELD_LIST ? " elements"
                                                                                 : "";
    long long min = field->min, max = field->max;
    if (field->one_of || (!min && !max) || (field->type != FIELD_INT && !*unit))
        return NULL;
    if (min > 0 && max)
        return scope_printf(s, "%lld to %lld%s", min, max, unit);
    return max ? scope_printf(s, "at most %lld%s", max, unit)
               : scope_printf(s, "at least %lld%s", min, unit);
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
            list, json_pack("{s:s, s:s, s:b, s:s?, s:s?, s:s?, s:s?}", "name", name, "type",
                      type_of(field), "required", field->required, "words", words_of(s, field),
                      "bounds", bounds_of(s, field), "def",
                      field->def && *field->def ? field->def : NULL, "doc", field->doc));
        if (field->of)
            add_fields(s, list, field->of,
                scope_printf(s, "%s%s.", name, is_list(field) ? "[]" : ""), depth + 1);
    }
}

static json_t *fields(struct scope *s, const struct shape *shape)
{
    json_t *list = json_array();
    add_fields(s, list, shape, "", 0);
    return list;
}

static json_t *errors_of(const struct route *route)
{
    json_t *list = json_array();
    const struct problem_kind *kind;
    for (size_t i = 0; (kind = problem_kind_at(i)); i++)
        if (openapi_may_fail(route, kind->status))
            json_array_append_new(
                list, json_pack("{s:i, s:s}", "status", kind->status, "title", kind->title));
    return list;
}

/* "createIncidentUpdate": "Create incident update". */
static const char *title_of(struct scope *s, const char *id)
{
    STRBUF(b, 200);
    for (const char *at = id; *at; at++) {
        if (isupper((unsigned char)*at) && at > id)
            strbuf_addch(&b, ' ');
        strbuf_addch(
            &b, (char)(at == id ? toupper((unsigned char)*at) : tolower((unsigned char)*at)));
    }
    return strbuf_copy(&b, s);
}

static json_t *route_json(const struct call *c, const struct route *route)
{
    struct scope *s = c->s;
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s, s:i, s:b, s:b, s:o, s:o, s:o, s:s?}",
        "verb", verb_name(route->verb), "path", route->path, "title", title_of(s, route->id), "doc",
        route->doc, "scope", route->scope, "id", route->id, "status",
        route->status ? route->status : 200, "list", route->list, "replayable", route->replayable,
        "query", fields(s, route->query), "body", fields(s, route->body), "reply",
        fields(s, route->reply), "media", route->reply ? NULL : route->media);
    json_object_set_new(
        json, "or_status", route->or_status ? json_integer(route->or_status) : json_null());
    const char *body = example_body(s, route);
    json_object_set_new(json, "example", body ? json_string(body) : json_null());
    json_object_set_new(
        json, "curl", json_string(example_curl(s, route, c->api->public_url, body)));
    json_object_set_new(json, "takes", route->takes ? json_string(route->takes) : json_null());
    json_object_set_new(json, "largest",
        route->max_body ? json_string(scope_printf(s, "%zu", (route->max_body + KIB - 1) / KIB))
                        : json_null());
    json_object_set_new(json, "errors", errors_of(route));
    return json;
}

static json_t *group_of(json_t *groups, const struct route_tag *tag)
{
    json_t *group;
    size_t i;
    json_array_foreach(groups, i, group)
    {
        if (!strcmp(json_get_text(group, "name"), tag->name))
            return group;
    }
    group = json_pack("{s:s, s:s?, s:[]}", "name", tag->name, "doc", tag->doc, "routes");
    json_array_append_new(groups, group);
    return group;
}

static json_t *problems(void)
{
    json_t *list = json_array();
    const struct problem_kind *kind;
    for (size_t i = 0; (kind = problem_kind_at(i)); i++)
        json_array_append_new(list, json_pack("{s:i, s:s, s:s}", "status", kind->status, "type",
                                        kind->type, "title", kind->title));
    return list;
}

enum rc page_docs(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *groups = json_array();
    const struct route *route;
    const struct route_tag *tag;
    for (size_t i = 0; (tag = route_tag_at(i)); i++)
        group_of(groups, tag);
    for (size_t i = 0; (route = route_at(i)); i++) {
        if (!route->id)
            continue;
        json_t *group = group_of(groups, route_tag(route));
        json_array_append_new(json_object_get(group, "routes"), route_json(c, route));
    }
    json_object_set_new(context, "groups", groups);
    json_object_set_new(
        context, "connections", json_integer(c->api->config->connections_per_address));
    json_object_set_new(context, "problems", problems());
    return page_reply(c, "docs", "API", context, false);
}
