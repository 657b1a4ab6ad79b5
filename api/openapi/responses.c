/* The responses of an operation: its success, and the problems that its row makes possible. */
#include <ctype.h>
#include <string.h>

#include "api/call/problem.h"
#include "api/openapi/parts.h"

/* JSON of the reply's shape, and the other media types that a query can ask for. */
static void content(struct strbuf *b, const struct route *route)
{
    const char *at = route->media ? route->media : "", *media, *between = "";
    size_t len;
    strbuf_addstr(b, route->reply || route->media ? ",\"content\":{" : "");
    if (route->reply) {
        strbuf_addf(b, "\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/%s%s\"}}",
            route->reply->name, route->list ? "Page" : "");
        between = ",";
    }
    while (openapi_media(&at, &media, &len)) {
        bool json =
            len >= 4 && !strncmp(media + len - 4, "json", 4) && !memmem(media, len, "ndjson", 6);
        strbuf_addf(b, "%s\"%.*s\":{\"schema\":{\"type\":%s}}", between, (int)len, media,
            json ? "\"object\",\"additionalProperties\":true" : "\"string\"");
        between = ",";
    }
    strbuf_addstr(b, route->reply || route->media ? "}" : "");
}

static void success(struct strbuf *b, const struct route *route, int status, const char *text)
{
    strbuf_addf(b, "\"%d\":{\"description\":\"%s\"", status, text);
    if (route->replayable)
        strbuf_addstr(b, ",\"headers\":{\"Idempotent-Replayed\":{\"$ref\":\"#/components/headers/"
                         "IdempotentReplayed\"}}");
    content(b, route);
    strbuf_addstr(b, "},");
}

bool openapi_may_fail(const struct route *route, int status)
{
    bool json = route->body && !route->raw;
    switch (status) {
    case 400:
    case 415:
        return json;
    case 401:
    case 403:
        return route->scope;
    case 404:
        return strchr(route->path, '{');
    case 409:
        return route->scope && route->verb != GET;
    case 413:
        return json || route->takes;
    case 422:
    case 503:
        return true;
    default:
        return false;
    }
}

/* "too-many" as TooManyProblem. */
static void response_name(struct strbuf *b, const struct problem_kind *kind)
{
    bool start = true;
    for (const char *c = kind->type; *c; c++) {
        if (*c != '-')
            strbuf_addch(b, (char)(start ? toupper((unsigned char)*c) : *c));
        start = *c == '-';
    }
    strbuf_addstr(b, "Problem");
}

void openapi_responses(struct strbuf *b, const struct route *route)
{
    static const char *const texts[] = {
        [0] = "Done.", [1] = "Created.", [2] = "Accepted.", [4] = "Done; no content."};
    int status = route->status ? route->status : 200;
    strbuf_addstr(b, "\"responses\":{");
    success(b, route, status, status <= 204 ? texts[status - 200] : "See Location.");
    if (route->or_status)
        success(b, route, route->or_status,
            route->or_status == 200 ? "It was there before." : texts[route->or_status - 200]);
    const struct problem_kind *kind;
    for (size_t i = 0; (kind = problem_kind_at(i)); i++) {
        if (!openapi_may_fail(route, kind->status))
            continue;
        strbuf_addf(b, "\"%d\":{\"$ref\":\"#/components/responses/", kind->status);
        response_name(b, kind);
        strbuf_addstr(b, "\"},");
    }
    strbuf_addstr(b, "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}");
}

static bool is_used(int status)
{
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)); i++)
        if (openapi_may_fail(route, status))
            return true;
    return false;
}

static void problem_content(struct strbuf *b)
{
    strbuf_addf(b,
        ",\"content\":{\"application/problem+json\":{\"schema\":"
        "{\"$ref\":\"#/components/schemas/%s\"}}}}",
        problem_shape.name);
}

void openapi_shared_responses(struct strbuf *b)
{
    const struct problem_kind *kind;
    strbuf_addstr(b, "\"responses\":{\"Problem\":{\"description\":\"Any other failure.\"");
    problem_content(b);
    for (size_t i = 0; (kind = problem_kind_at(i)); i++) {
        if (!is_used(kind->status))
            continue;
        strbuf_addstr(b, ",\"");
        response_name(b, kind);
        strbuf_addstr(b, "\":{");
        openapi_member(b, "description", kind->title);
        if (kind->status == 503)
            strbuf_addstr(b, ",\"headers\":{\"Retry-After\":{\"$ref\":\"#/components/headers/"
                             "RetryAfter\"}}");
        problem_content(b);
    }
    strbuf_addch(b, '}');
}
