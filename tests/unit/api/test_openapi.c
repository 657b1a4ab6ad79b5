/* The OpenAPI document is JSON, has every route, and has no dangling reference. */
#include "api/openapi/openapi.h"
#include "api/call/route.h"
#include "core/json.h"
#include "tests/unit/tap.h"

static void check_refs(const json_t *at, const json_t *schemas)
{
    const char *key;
    json_t *value;
    size_t i;
    const char *ref = json_string_value(json_object_get(at, "$ref"));
    const char *prefix = "#/components/schemas/";
    if (ref && !strncmp(ref, prefix, strlen(prefix)))
        ok(json_object_get(schemas, ref + strlen(prefix)), "%s is there", ref);
    json_object_foreach((json_t *)at, key, value) check_refs(value, schemas);
    json_array_foreach(at, i, value) check_refs(value, schemas);
}

static bool idempotency_key(const json_t *operation)
{
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(operation, "parameters"), i, one)
    {
        const char *ref = json_string_value(json_object_get(one, "$ref"));
        if (ref && strstr(ref, "IdempotencyKey"))
            return true;
    }
    return false;
}

static void check_operation(const json_t *paths, const struct route *route)
{
    char verb[8] = {0};
    for (size_t i = 0; verb_name(route->verb)[i]; i++)
        verb[i] = (char)(verb_name(route->verb)[i] | 0x20);
    const json_t *operation = json_object_get(json_object_get(paths, route->path), verb);
    bool page = route->page || route->staff || !strcmp(route->path, "/static/{name}");
    ok(!operation == page, "%s %s is described unless it is a page", verb, route->path);
    ok(!route->id == page, "and has a name");
    if (page)
        return;
    is_text(json_string_value(json_object_get(operation, "operationId")), route->id, "its name");
    is_int((int64_t)json_array_size(json_object_get(operation, "tags")), 1, "and a tag");
    ok(!(route->body || route->takes) == !json_object_get(operation, "requestBody"),
        "its body too");
    ok(!route->replayable == !idempotency_key(operation), "and Idempotency-Key");
    ok(!route->scope == !json_array_size(json_object_get(operation, "security")), "and its key");
    size_t placeholders = 0;
    for (const char *p = route->path; *p; p++)
        placeholders += *p == '{';
    ok(json_array_size(json_object_get(operation, "parameters")) >= placeholders,
        "and its parameters");
}

int main(void)
{
    SCOPE(s);
    STRBUF(b, 1 << 22);
    json_t *doc = NULL;
    openapi_print(&b, "https://status.example.com/\"quoted\"", false);
    ok(!b.overflow && json_parse(s, b.buf, b.len, &doc) == RC_OK, "is one JSON document");
    if (!doc) {
        printf("# %s\n", s->fault.message);
        return tap_end();
    }
    is_text(json_string_value(json_object_get(doc, "openapi")), "3.0.3", "is OpenAPI 3.0");
    const json_t *paths = json_object_get(doc, "paths");
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)); i++)
        check_operation(paths, route);
    check_refs(doc, json_object_get(json_object_get(doc, "components"), "schemas"));
    return tap_end();
}
