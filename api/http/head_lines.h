#pragma once
/*
 * What libmicrohttpd 0.9 hides of a head: it cuts a line at a NUL, and joins a folded line (RFC
 * 9112 5.2) to the name of the field above. It parses in place, so each string must begin where
 * the one before it ended; where it does not, there were such bytes between them. Versions from 1.0
 * refuse both themselves and may store strings elsewhere, so there the check does nothing.
 */
#include <microhttpd.h>
#include <stdbool.h>

struct head_lines {
    const char *begin; /* of the request line */
    const char *end;   /* of the last line, at its NUL */
    bool torn;
    bool needs_host; /* RFC 9112 3.2 */
};

/* The request line: method, target as received (of len octets, at url) and version. */
struct head_lines head_lines_begin(
    const char *verb, const char *url, size_t target_len, const char *version);

/* The next field. A value may be NULL. */
void head_lines_add(struct head_lines *lines, const char *name, const char *value);

/* After the last field: was nothing hidden? */
bool head_lines_whole(const struct head_lines *lines, struct MHD_Connection *connection);
