#include "api/openapi/openapi.h"

#include <ctype.h>
#include <string.h>

#include "api/openapi/parts.h"

void openapi_member(struct strbuf *b, const char *name, const char *text)
{
    strbuf_addf(b, "\"%s\":\"", name);
    strbuf_addjson(b, text, strlen(text));
    strbuf_addch(b, '"');
}

static bool is_shown(const struct route *route, bool pages)
{
    return route->id || pages;
}

static bool seen_before(size_t i, bool pages)
{
    for (size_t k = 0; k < i; k++)
        if (is_shown(route_at(k), pages) && !strcmp(route_at(k)->path, route_at(i)->path))
            return true;
    return false;
}

static void path_item(struct strbuf *b, size_t i, bool pages)
{
    const char *between = "", *path = route_at(i)->path;
    strbuf_addf(b, "\"%s\":{", path);
    const struct route *route;
    for (size_t k = i; (route = route_at(k)); k++) {
        if (strcmp(route->path, path) != 0 || !is_shown(route, pages))
            continue;
        strbuf_addf(b, "%s\"", between);
        for (const char *c = verb_name(route->verb); *c; c++)
            strbuf_addch(b, (char)tolower((unsigned char)*c));
        strbuf_addstr(b, "\":");
        openapi_operation(b, route);
        between = ",";
    }
    strbuf_addch(b, '}');
}

static void paths(struct strbuf *b, bool pages)
{
    const char *between = "";
    strbuf_addstr(b, "\"paths\":{");
    for (size_t i = 0; route_at(i); i++) {
        if (!is_shown(route_at(i), pages) || seen_before(i, pages))
            continue;
        strbuf_addstr(b, between);
        path_item(b, i, pages);
        between = ",";
    }
    strbuf_addch(b, '}');
}

static void tags(struct strbuf *b)
{
    const char *between = "";
    const struct route_tag *tag;
    strbuf_addstr(b, "\"tags\":[");
    for (size_t i = 0; (tag = route_tag_at(i)); i++) {
        if (!tag->doc) /* another path of the tag before */
            continue;
        strbuf_addf(b, "%s{", between);
        openapi_member(b, "name", tag->name);
        strbuf_addch(b, ',');
        openapi_member(b, "description", tag->doc);
        strbuf_addch(b, '}');
        between = ",";
    }
    strbuf_addch(b, ']');
}

static const char about[] =
    "Times are RFC 3339, amounts are integers in minor units. Lists return {data, next_cursor}: "
    "pass next_cursor as cursor for the next page, until it is null. Failures are problem "
    "documents (RFC 9457). Every response has X-Request-Id; a GET has an ETag and honours "
    "If-None-Match. /docs is this reference for people.";

static void info(struct strbuf *b, const char *server_url)
{
    strbuf_addstr(b, "\"info\":{\"title\":\"Amends\",\"version\":\"1\",");
    openapi_member(b, "description", about);
    strbuf_addstr(b, ",\"license\":{\"name\":\"Apache-2.0\","
                     "\"url\":\"https://www.apache.org/licenses/LICENSE-2.0\"},"
                     "\"contact\":{\"name\":\"The status page\",");
    openapi_member(b, "url", server_url);
    strbuf_addstr(b, "}},\"servers\":[{");
    openapi_member(b, "url", server_url);
    strbuf_addstr(b, "}]");
}

static const char shared[] =
    "\"securitySchemes\":{\"bearerAuth\":{\"type\":\"http\",\"scheme\":\"bearer\","
    "\"description\":\"An API key with the scope of the operation (x-scope).\"}},"
    "\"parameters\":{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\","
    "\"required\":false,\"description\":\"A value of your choice that makes a repetition safe: the "
    "same key and request return the first response, with Idempotent-Replayed.\","
    "\"schema\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":255,"
    "\"pattern\":\"^[\\\\x21-\\\\x7e]+$\"}}},"
    "\"headers\":{\"IdempotentReplayed\":{\"description\":\"The response repeats that of the first "
    "request with this Idempotency-Key.\",\"schema\":{\"type\":\"string\",\"enum\":[\"true\"]}},"
    "\"RetryAfter\":{\"description\":\"Seconds to wait.\",\"schema\":{\"type\":\"integer\"}}},";

void openapi_print(struct strbuf *b, const char *server_url, bool pages)
{
    strbuf_addstr(b, "{\"openapi\":\"3.0.3\",");
    info(b, server_url);
    strbuf_addch(b, ',');
    tags(b);
    strbuf_addch(b, ',');
    paths(b, pages);
    strbuf_addstr(b, ",\"components\":{");
    strbuf_addstr(b, shared);
    openapi_shared_responses(b);
    strbuf_addch(b, ',');
    openapi_schemas(b, pages);
    strbuf_addstr(b, "}}");
}
