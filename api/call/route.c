#include "api/call/route.h"

#include <string.h>

#include "core/strbuf.h"

static const char *const verbs[VERBS] = {
    [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE"};

const char *verb_name(enum verb verb)
{
    return verbs[verb];
}

static bool path_matches(const char *pattern, const struct request *r, const char **param)
{
    size_t n_params = 0;
    size_t i = 0;
    while (*pattern++ && *pattern) { /* steps over the slash */
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

struct route_match route_find(const struct request *r)
{
    struct route_match match = {0};
    const char *verb = !strcmp(r->verb, "HEAD") ? "GET" : r->verb;
    for (size_t i = 0; !match.route && i < n_routes; i++) {
        const char *param[REQUEST_PARAMS] = {0};
        if (!path_matches(routes[i].path, r, param))
            continue;
        match.allowed |= 1U << routes[i].verb;
        if (strcmp(verbs[routes[i].verb], verb) != 0)
            continue;
        match.route = &routes[i];
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
