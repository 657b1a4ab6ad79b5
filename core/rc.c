#include "core/rc.h"

static const struct {
    const char *name;
    int http;
    int exit;
} table[RC_COUNT] = {
    [RC_OK] = {.name = "ok", .http = 200, .exit = 0},
    [RC_INVALID] = {.name = "invalid", .http = 422, .exit = 64},
    [RC_DENIED] = {.name = "denied", .http = 403, .exit = 1},
    [RC_NOT_FOUND] = {.name = "not_found", .http = 404, .exit = 1},
    [RC_CONFLICT] = {.name = "conflict", .http = 409, .exit = 1},
    [RC_RETRY] = {.name = "retry", .http = 503, .exit = 75},
    [RC_UPSTREAM] = {.name = "upstream", .http = 502, .exit = 69},
    [RC_INTERNAL] = {.name = "internal", .http = 500, .exit = 1},
};

const char *rc_name(enum rc rc)
{
    return table[rc].name;
}

int rc_http_status(enum rc rc)
{
    return table[rc].http;
}

int rc_exit_code(enum rc rc)
{
    return table[rc].exit;
}
