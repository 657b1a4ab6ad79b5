#pragma once
/* Files that the executable carries: migrations, templates, static assets. The build
 * (build/embed.S) makes them from the folders that the Makefile names. */
#include <stddef.h>

struct embed {
    const char *path; /* "migrations/0001_incidents.sql" */
    const char *text; /* NUL-terminated */
    size_t len;       /* without the NUL */
};

extern const struct embed embed_files[]; /* of a folder: sorted by path */
extern const size_t embed_count;

const struct embed *embed_find(const char *path); /* or NULL */
