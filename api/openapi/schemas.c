/* The schemas of all bodies and replies, each once. */
#include <stdlib.h>
#include <string.h>

#include "api/call/problem.h"
#include "api/openapi/parts.h"

enum { SCHEMAS_MAX = 400 };

struct schema {
    const struct shape *shape;
    bool read, page;
};

struct schemas {
    struct schema at[SCHEMAS_MAX];
    size_t n;
};

/* Two shapes of one name would be one schema: aborts, as it does without room. */
static struct schema *find(struct schemas *schemas, const struct shape *shape)
{
    bool again = schemas->n == SCHEMAS_MAX;
    for (size_t i = 0; i < schemas->n; i++) {
        if (schemas->at[i].shape == shape)
            return &schemas->at[i];
        again |= !strcmp(schemas->at[i].shape->name, shape->name);
    }
    if (again)
        abort();
    schemas->at[schemas->n] = (struct schema){.shape = shape};
    return &schemas->at[schemas->n++];
}

/* With its nested shapes. A shape that is both read and printed has the limits of the one read. */
static struct schema *collect(struct schemas *schemas, const struct shape *shape, bool read)
{
    size_t before = schemas->n;
    struct schema *schema = find(schemas, shape);
    if (schemas->n == before && (schema->read || !read))
        return schema;
    schema->read = read;
    for (size_t i = 0; i < shape->n; i++)
        if (shape->fields[i].of)
            collect(schemas, shape->fields[i].of, read);
    return schema;
}

static void page_schema(struct strbuf *b, const struct shape *shape)
{
    strbuf_addf(b,
        "\"%sPage\":{\"type\":\"object\",\"required\":[\"data\",\"next_cursor\"],\"properties\":{"
        "\"data\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/%s\"}},"
        "\"next_cursor\":{\"type\":\"string\",\"nullable\":true,"
        "\"description\":\"cursor of the next page; null: this is the last.\"}}}",
        shape->name, shape->name);
}

void openapi_schemas(struct strbuf *b, bool pages)
{
    struct schemas schemas = {.n = 0};
    const struct route *route;
    collect(&schemas, &problem_shape, false);
    for (size_t i = 0; (route = route_at(i)); i++) {
        if (!route->id && !pages)
            continue;
        if (route->body && !route->raw)
            collect(&schemas, route->body, true);
        if (route->reply)
            collect(&schemas, route->reply, false)->page |= route->list;
    }
    strbuf_addstr(b, "\"schemas\":{");
    for (size_t i = 0; i < schemas.n; i++) {
        const struct schema *schema = &schemas.at[i];
        strbuf_addf(b, "%s\"%s\":", i ? "," : "", schema->shape->name);
        shape_schema(b, schema->shape, schema->read);
        strbuf_addstr(b, schema->page ? "," : "");
        if (schema->page)
            page_schema(b, schema->shape);
    }
    strbuf_addch(b, '}');
}
