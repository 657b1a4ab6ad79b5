#include "core/crash_point.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

bool crash_point_on;

static const char *where;
static atomic_long left;

void crash_point_read(void)
{
    const char *text = getenv("CRASH_AT");
    const char *colon = text ? strrchr(text, ':') : NULL;
    if (!colon)
        return;
    where = strndup(text, (size_t)(colon - text));
    atomic_store(&left, strtol(colon + 1, NULL, 10));
    crash_point_on = where && atomic_load(&left) > 0;
}

void crash_point_pass(const char *point)
{
    if (!strcmp(point, where) && atomic_fetch_sub(&left, 1) == 1)
        raise(SIGKILL);
}
