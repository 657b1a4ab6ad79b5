#include "api/http/head_lines.h"

#include <string.h>

/* Is there nothing but spaces and tabs between two pointers into one head? */
static bool blank(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    return from == to;
}

/* A line ends with CR LF or LF, each replaced with a NUL. */
static bool line_ends(const char *end, const char *next)
{
    return next == end + 1 || (next == end + 2 && !end[1]);
}

struct head_lines head_lines_begin(
    const char *verb, const char *url, size_t target_len, const char *version)
{
    const char *gap = verb + strlen(verb) + 1;
    bool torn = gap > url || !blank(gap, url) || version != url + target_len + 1;
    return (struct head_lines){.begin = verb,
        .end = version + strlen(version),
        .torn = torn,
        .needs_host = strcmp(version, MHD_HTTP_VERSION_1_0) != 0};
}

void head_lines_add(struct head_lines *lines, const char *name, const char *value)
{
    const char *gap = name + strlen(name) + 1;
    lines->torn =
        lines->torn || !value || !line_ends(lines->end, name) || gap > value || !blank(gap, value);
    lines->end = value ? value + strlen(value) : lines->end;
}

bool head_lines_whole(const struct head_lines *lines, struct MHD_Connection *connection)
{
    size_t size =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
    const char *at = lines->end, *end = lines->begin + size; /* after the empty line */
    if (MHD_VERSION >= 0x01000000)
        return true;
    if (lines->torn || end - at < 2 || end - at > 4)
        return false;
    while (at < end && !*at)
        at++;
    return at == end;
}
