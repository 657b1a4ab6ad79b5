#pragma once
/* Examples of the reference, made from the route table, so that none can be out of date. */
#include "api/call/route.h"

/* A JSON body with the required fields, or the first one; NULL: the route takes none. */
const char *example_body(struct scope *s, const struct route *route);

/* A command of curl. body: as above, or NULL. */
const char *example_curl(
    struct scope *s, const struct route *route, const char *url, const char *body);
