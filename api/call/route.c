#include "api/call/route.h"

#include <string.h>

#include "core/strbuf.h"

static const char *const verbs[VERBS] = {
    [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE"};

const char *verb_name(enum verb verb)
{
    return verbs[verb];
}

const struct route *route_at(size_t n)
{
    for (const struct route_list *const *list = route_lists; *list; list++) {
        if (n < (*list)->n)
            return &(*list)->at[n];
        n -= (*list)->n;
    }
    return NULL;
}

size_t route_index(const struct route *route)
{
    size_t before = 0;
    for (const struct route_list *const *list = route_lists; *list; list++) {
        if (route >= (*list)->at && route < (*list)->at + (*list)->n)
            return before + (size_t)(route - (*list)->at);
        before += (*list)->n;
    }
    return before;
}

static bool path_matches(const char *pattern, const struct request *r, const char **param)
{
    size_t n_params = 0;
    size_t i = 0;
    while (*pattern++ && *pattern) { /* skips the slash */
        if (i >= r->n_segments || i >= REQUEST_SEGMENTS)
            return false;
        const char *segment = r->segment[i++];
        size_t len = *pattern == '{' ? strcspn(pattern, "/") : strlen(segment);
        if (*pattern == '{' && *segment)
            param[n_params++] = segment;
        else if (strncmp(pattern, segment, len) != 0 || (pattern[len] && pattern[len] != '/'))
            return false;
        pattern += len;
        if (!*pattern)
            break;
    }
    return i == r->n_segments;
}

static size_t parameters_of(const char *path)
{
    size_t n = 0;
    for (; *path; path++)
        n += *path == '{';
    return n;
}

/* A path is looked up before a pattern that it matches too, as OpenAPI says: "/v1/credits/acks"
 * is no credit, and allows what its own rows allow. */
struct route_match route_find(const struct request *r)
{
    struct route_match match = {0};
    size_t fewest = REQUEST_PARAMS + 1;
    const char *verb = !strcmp(r->verb, "HEAD") ? "GET" : r->verb;
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)); i++) {
        const char *param[REQUEST_PARAMS] = {0};
        size_t n = parameters_of(route->path);
        if (n > fewest || !path_matches(route->path, r, param))
            continue;
        if (n < fewest)
            match = (struct route_match){.route = NULL};
        fewest = n;
        match.allowed |= 1U << route->verb;
        if (match.route || strcmp(verbs[route->verb], verb) != 0)
            continue;
        match.route = route;
        memcpy(match.param, param, sizeof(param));
    }
    return match;
}

const char *route_allow(struct scope *s, unsigned allowed)
{
    STRBUF(b, 64);
    for (int verb = 0; verb < VERBS; verb++) {
        if (!(allowed & (1U << verb)))
            continue;
        strbuf_addf(&b, "%s%s", b.len ? ", " : "", verbs[verb]);
        if (verb == GET)
            strbuf_addstr(&b, ", HEAD");
    }
    return strbuf_copy(&b, s);
}
