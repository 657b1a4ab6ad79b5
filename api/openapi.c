#include "api/openapi.h"

#include <stdbool.h>
#include <string.h>

#include "api/call/route.h"
#include "core/shape.h"

enum { SCHEMAS_MAX = 200 };

struct schemas {
    const struct shape *at[SCHEMAS_MAX];
    size_t n;
};

/* Collect a shape and its nested shapes, each once. */
static void collect(struct schemas *schemas, const struct shape *shape)
{
    if (!shape || schemas->n == SCHEMAS_MAX)
        return;
    for (size_t i = 0; i < schemas->n; i++)
        if (!strcmp(schemas->at[i]->name, shape->name))
            return;
    schemas->at[schemas->n++] = shape;
    for (size_t i = 0; i < shape->n; i++)
        collect(schemas, shape->fields[i].of);
}

static void member(struct strbuf *b, const char *name, const char *text)
{
    strbuf_addf(b, "\"%s\":\"", name);
    strbuf_addjson(b, text, strlen(text));
    strbuf_addch(b, '"');
}

static void path_parameters(struct strbuf *b, const char *path, bool *first)
{
    for (const char *at = path; (at = strchr(at, '{')); at++) {
        int len = (int)strcspn(at + 1, "}");
        strbuf_addf(b,
            "%s{\"name\":\"%.*s\",\"in\":\"path\",\"required\":true,"
            "\"schema\":{\"type\":\"string\"}}",
            *first ? "" : ",", len, at + 1);
        *first = false;
    }
}

static const char *query_type(const struct field *field)
{
    return field->type == FIELD_INT ? "integer" : field->type == FIELD_BOOL ? "boolean" : "string";
}

static void query_parameters(struct strbuf *b, const struct shape *shape, bool *first)
{
    for (size_t i = 0; shape && i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        strbuf_addf(b, "%s{\"name\":\"%s\",\"in\":\"query\",\"required\":%s,", *first ? "" : ",",
            field->name, field->required ? "true" : "false");
        member(b, "description", field->doc ? field->doc : field->name);
        strbuf_addf(b, ",\"schema\":{\"type\":\"%s\"}}", query_type(field));
        *first = false;
    }
}

static void request_body(struct strbuf *b, const struct route *route)
{
    if (!route->body)
        return;
    const char *media = route->raw ? "application/x-ndjson" : "application/json";
    strbuf_addf(b,
        ",\"requestBody\":{\"required\":true,\"content\":{\"%s\":{\"schema\":"
        "{\"$ref\":\"#/components/schemas/%s\"}}}}",
        media, route->body->name);
}

static void reply_schema(struct strbuf *b, const struct route *route)
{
    if (!route->reply) {
        if (route->media)
            strbuf_addf(b, ",\"content\":{\"%s\":{}}", route->media);
        return;
    }
    strbuf_addstr(b, ",\"content\":{\"application/json\":{\"schema\":");
    if (route->list)
        strbuf_addf(b,
            "{\"type\":\"object\",\"required\":[\"data\",\"next_cursor\"],\"properties\":{"
            "\"data\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/%s\"}},"
            "\"next_cursor\":{\"type\":[\"string\",\"null\"]}}}",
            route->reply->name);
    else
        strbuf_addf(b, "{\"$ref\":\"#/components/schemas/%s\"}", route->reply->name);
    strbuf_addstr(b, "}}");
}

static void operation(struct strbuf *b, const struct route *route)
{
    bool first = true;
    strbuf_addch(b, '{');
    member(b, "summary", route->doc);
    if (route->scope)
        strbuf_addf(b, ",\"security\":[{\"key\":[]}],\"x-scope\":\"%s\"", route->scope);
    strbuf_addstr(b, ",\"parameters\":[");
    path_parameters(b, route->path, &first);
    query_parameters(b, route->query, &first);
    strbuf_addch(b, ']');
    request_body(b, route);
    strbuf_addf(b, ",\"responses\":{\"%d\":{\"description\":\"Done.\"",
        route->status ? route->status : 200);
    reply_schema(b, route);
    strbuf_addstr(b, "},\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}");
}

static bool seen_before(size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (!strcmp(route_at(k)->path, route_at(i)->path))
            return true;
    return false;
}

static void path_item(struct strbuf *b, size_t i)
{
    const char *between = "", *path = route_at(i)->path;
    strbuf_addf(b, "\"%s\":{", path);
    const struct route *route;
    for (size_t k = i; (route = route_at(k)); k++) {
        if (strcmp(route->path, path) != 0)
            continue;
        strbuf_addstr(b, between);
        char verb[8] = {0};
        for (size_t c = 0; verb_name(route->verb)[c]; c++)
            verb[c] = (char)(verb_name(route->verb)[c] | 0x20);
        strbuf_addf(b, "\"%s\":", verb);
        operation(b, route);
        between = ",";
    }
    strbuf_addch(b, '}');
}

static void schemas_print(struct strbuf *b)
{
    struct schemas schemas = {.n = 0};
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)); i++) {
        collect(&schemas, route->body);
        collect(&schemas, route->reply);
    }
    strbuf_addstr(b, "\"schemas\":{");
    for (size_t i = 0; i < schemas.n; i++) {
        strbuf_addf(b, "%s\"%s\":", i ? "," : "", schemas.at[i]->name);
        shape_schema(b, schemas.at[i]);
    }
    strbuf_addch(b, '}');
}

static const char problem[] =
    "\"responses\":{\"Problem\":{\"description\":\"Failure (RFC 9457).\",\"content\":{"
    "\"application/problem+json\":{\"schema\":{\"type\":\"object\",\"properties\":{"
    "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
    "\"instance\":{\"type\":\"string\"},\"request_id\":{\"type\":\"string\"},"
    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
    "\"line\":{\"type\":\"integer\"},\"field\":{\"type\":\"string\"},"
    "\"detail\":{\"type\":\"string\"}}}}}}}}}}";

void openapi_print(struct strbuf *b, const char *server_url)
{
    strbuf_addstr(b, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Amends\",\"version\":\"1\"},"
                     "\"servers\":[{");
    member(b, "url", server_url);
    strbuf_addstr(b, "}],\"paths\":{");
    for (size_t i = 0; route_at(i); i++) {
        if (seen_before(i))
            continue;
        if (i)
            strbuf_addch(b, ',');
        path_item(b, i);
    }
    strbuf_addstr(b, "},\"components\":{\"securitySchemes\":{\"key\":{\"type\":\"http\","
                     "\"scheme\":\"bearer\"}},");
    strbuf_addstr(b, problem);
    strbuf_addch(b, ',');
    schemas_print(b);
    strbuf_addstr(b, "}}");
}
