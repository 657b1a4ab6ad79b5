/* An operation up to its responses. */
#include <string.h>

#include "api/openapi/parts.h"

static const struct {
    const char *name, *schema, *doc;
} path_fields[] = {
#define ID_SCHEMA "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1}"
#define NAME_SCHEMA "{\"type\":\"string\",\"minLength\":1}"
    {.name = "id", .schema = ID_SCHEMA, .doc = "Id of the object."},
    {.name = "recipient", .schema = ID_SCHEMA, .doc = "Id of the subscriber."},
    {.name = "ref", .schema = NAME_SCHEMA, .doc = "ref of the incident."},
    {.name = "slug", .schema = NAME_SCHEMA, .doc = "Slug of the component."},
    {.name = "external_id", .schema = NAME_SCHEMA, .doc = "Your id of the account."},
    {.name = "provider", .schema = NAME_SCHEMA, .doc = "Name of the provider."},
};

static void path_parameter(struct strbuf *b, const char *name, size_t len)
{
    size_t i = 0, n = sizeof(path_fields) / sizeof(path_fields[0]);
    while (i < n &&
           (strlen(path_fields[i].name) != len || memcmp(path_fields[i].name, name, len) != 0))
        i++;
    strbuf_addf(b, "{\"name\":\"%.*s\",\"in\":\"path\",\"required\":true,\"schema\":%s", (int)len,
        name, i < n ? path_fields[i].schema : NAME_SCHEMA);
    if (i < n) {
        strbuf_addch(b, ',');
        openapi_member(b, "description", path_fields[i].doc);
    }
    strbuf_addch(b, '}');
}

static void query_parameter(struct strbuf *b, const struct field *field)
{
    strbuf_addf(b, "{\"name\":\"%s\",\"in\":\"query\",\"required\":%s,", field->name,
        field->required ? "true" : "false");
    openapi_member(b, "description", field->doc ? field->doc : field->name);
    strbuf_addstr(b, ",\"schema\":{");
    shape_field_schema(b, field, true);
    strbuf_addstr(b, "}}");
}

static void parameters(struct strbuf *b, const struct route *route)
{
    const char *between = "";
    strbuf_addstr(b, ",\"parameters\":[");
    for (const char *at = route->path; (at = strchr(at, '{')); at++) {
        strbuf_addstr(b, between);
        path_parameter(b, at + 1, strcspn(at + 1, "}"));
        between = ",";
    }
    for (size_t i = 0; route->query && i < route->query->n; i++) {
        strbuf_addstr(b, between);
        query_parameter(b, &route->query->fields[i]);
        between = ",";
    }
    if (route->replayable)
        strbuf_addf(b, "%s{\"$ref\":\"#/components/parameters/IdempotencyKey\"}", between);
    strbuf_addch(b, ']');
}

bool openapi_media(const char **at, const char **ret, size_t *ret_len)
{
    *at += strspn(*at, ", ");
    *ret = *at;
    *ret_len = strcspn(*at, ",");
    *at += *ret_len;
    return *ret_len;
}

/* The names of the fields of a line. */
static void lines_description(struct strbuf *b, const struct shape *shape)
{
    strbuf_addstr(b, "\"description\":\"A line per object, with a header if CSV. Fields (/docs): ");
    for (size_t i = 0; i < shape->n; i++)
        strbuf_addf(b, "%s%s", i ? ", " : "", shape->fields[i].name);
    strbuf_addstr(b, ".\",");
}

/* A body that the handler parses. */
static void raw_body(struct strbuf *b, const struct route *route)
{
    const char *at = route->takes, *media, *between = "";
    size_t len;
    strbuf_addstr(b, ",\"requestBody\":{\"required\":true,");
    if (route->body)
        lines_description(b, route->body);
    strbuf_addstr(b, "\"content\":{");
    while (openapi_media(&at, &media, &len)) {
        bool json = !strncmp(media, "application/json", len);
        strbuf_addf(b, "%s\"%.*s\":{\"schema\":{\"type\":%s}}", between, (int)len, media,
            json ? "\"object\",\"additionalProperties\":true" : "\"string\",\"format\":\"binary\"");
        between = ",";
    }
    strbuf_addstr(b, "}}");
}

static bool has_required(const struct shape *shape)
{
    for (size_t i = 0; i < shape->n; i++)
        if (shape->fields[i].required)
            return true;
    return false;
}

static void request_body(struct strbuf *b, const struct route *route)
{
    if (route->raw && route->takes)
        raw_body(b, route);
    if (route->body && !route->raw)
        strbuf_addf(b,
            ",\"requestBody\":{\"required\":%s,\"content\":{\"application/json\":{\"schema\":"
            "{\"$ref\":\"#/components/schemas/%s\"}}}}",
            has_required(route->body) ? "true" : "false", route->body->name);
}

void openapi_operation(struct strbuf *b, const struct route *route)
{
    strbuf_addch(b, '{');
    if (route->id) {
        openapi_member(b, "operationId", route->id);
        strbuf_addf(b, ",\"tags\":[\"%s\"],", route_tag(route)->name);
    }
    openapi_member(b, "summary", route->doc);
    strbuf_addstr(b, route->scope ? ",\"security\":[{\"bearerAuth\":[]}]" : ",\"security\":[]");
    if (route->scope)
        strbuf_addf(b, ",\"x-scope\":\"%s\"", route->scope);
    parameters(b, route);
    request_body(b, route);
    strbuf_addch(b, ',');
    openapi_responses(b, route);
    strbuf_addch(b, '}');
}
