/* The route table: each route is found by its own path, and the table is well-formed. */
#include "api/call/auth.h"
#include "api/call/route.h"
#include "core/strbuf.h"
#include "tests/unit/tap.h"

static struct route_match find(struct scope *s, const char *verb, const char *target)
{
    struct request r = {.verb = verb};
    if (request_target(s, target, &r) != RC_OK)
        return (struct route_match){0};
    return route_find(&r);
}

/* The path with each {param} filled in. */
static char *filled(struct scope *s, const char *path)
{
    STRBUF(b, 512);
    for (const char *p = path; *p; p++) {
        if (*p == '{') {
            strbuf_addstr(&b, "42");
            p += strcspn(p, "}");
        } else {
            strbuf_addch(&b, *p);
        }
    }
    return strbuf_copy(&b, s);
}

static bool scope_exists(const char *scope)
{
    for (const char *const *at = auth_scopes; *at; at++)
        if (!strcmp(*at, scope))
            return true;
    return false;
}

static void check_route(const struct route *route)
{
    SCOPE(s);
    const char *name = scope_printf(s, "%s %s", verb_name(route->verb), route->path);
    struct route_match match = find(s, verb_name(route->verb), filled(s, route->path));
    ok(match.route == route, "%s is found", name);
    ok(route->run && route->doc && *route->doc, "%s runs and is documented", name);
    ok(!route->scope || scope_exists(route->scope), "%s has a scope that exists", name);
    ok(route->scope || strncmp(route->path, "/v1/", 4) != 0, "%s asks for a key", name);
    ok(!route->list || route->reply, "%s lists something", name);
    ok(route->reply || route->media || route->status == 204, "%s says what it answers", name);
    ok(!route->replayable || (route->verb == POST && route->scope), "%s may be replayed", name);
    /* The form of a console page needs the permission to send it. */
    bool writes = route->scope && !route->staff &&
                  (strstr(route->scope, ":write") || strstr(route->scope, ":ack"));
    /* The links of a kept message act for its reader. */
    bool acts = !strcmp(route->path, "/v1/outbox/{id}");
    ok(route->verb != GET || !writes || acts, "%s does not write on GET", name);
}

static const struct {
    const char *verb;
    const char *target;
    const char *path; /* of the route; NULL: none */
    const char *param;
    const char *allow; /* without a route */
} matches[] = {
    {.verb = "GET", .target = "/", .path = "/"},
    {.verb = "HEAD", .target = "/healthz", .path = "/healthz"},
    {.verb = "GET", .target = "/v1/incidents/a%20b", .path = "/v1/incidents/{ref}", .param = "a b"},
    {.verb = "POST", .target = "/v1/subscribers/import", .path = "/v1/subscribers/import"},
    {.verb = "GET", .target = "/v1/subscribers/export", .path = "/v1/subscribers/export"},
    {.verb = "PUT", .target = "/v1/subscribers/import", .path = NULL, .allow = "POST"},
    {.verb = "GET", .target = "/v1/credits/acks", .path = NULL, .allow = "POST"},
    {.verb = "PATCH", .target = "/v1/subscribers/export", .path = NULL, .allow = "GET, HEAD"},
    {.verb = "DELETE", .target = "/v1/incidents", .path = NULL, .allow = "GET, HEAD, POST"},
    {.verb = "get", .target = "/", .path = NULL, .allow = "GET, HEAD"},
    {.verb = "BREW", .target = "/", .path = NULL, .allow = "GET, HEAD"},
    {.verb = "GET", .target = "/v1", .path = NULL, .allow = ""},
    {.verb = "GET", .target = "/v1/incidents//updates", .path = NULL, .allow = ""},
    {.verb = "GET", .target = "/v1/incidents/a/b/c/d/e/f/g/h/i/j", .path = NULL, .allow = ""},
};

int main(void)
{
    for (size_t i = 0; route_at(i); i++)
        check_route(route_at(i));
    for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
        SCOPE(s);
        struct route_match match = find(s, matches[i].verb, matches[i].target);
        const char *what = scope_printf(s, "%s %s", matches[i].verb, matches[i].target);
        is_text(match.route ? match.route->path : NULL, matches[i].path, what);
        if (!match.route)
            is_text(route_allow(s, match.allowed), matches[i].allow, "its Allow");
        if (matches[i].param)
            is_text(match.param[0], matches[i].param, "its parameter");
    }
    struct key key = {.scopes = " incidents:write subscribers:subscribe "};
    ok(auth_may(&key, "incidents:write"), "a key may what it holds");
    ok(!auth_may(&key, "incidents:read"), "and nothing else");
    ok(!auth_may(&key, "incidents"), "not by half a word");
    ok(!auth_may(&key, "admin"), "and is no admin");
    ok(auth_may(&(struct key){.scopes = " subscribers:write "}, "subscribers:subscribe"),
        "who may write subscribers may subscribe them");
    ok(!auth_may(&key, "subscribers:write"), "but not the other way round");
    ok(auth_may(&(struct key){.scopes = " admin "}, "credit-runs:approve"), "an admin may all");
    return tap_end();
}
