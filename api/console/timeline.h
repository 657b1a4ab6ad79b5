#ifndef API_CONSOLE_TIMELINE_H
#define API_CONSOLE_TIMELINE_H
/* A picture of an incident: one bar a component for when it was down, and a line for each
 * post, on one scale of time. Pure: times in, SVG out. */
#include <stddef.h>
#include <stdint.h>

#include "core/strbuf.h"

struct timeline_impact {
    const char *component; /* its name */
    const char *level;     /* of the schema's impact_level */
    int64_t from;
    int64_t to; /* SHAPE_NONE: still open */
};

struct timeline {
    const struct timeline_impact *impacts;
    size_t n_impacts;
    const int64_t *posts;
    size_t n_posts;
    int64_t now;       /* end of what is open */
    const char *label; /* what is read aloud instead */
};

/* Append the SVG; nothing when there is neither impact nor post. */
void timeline_svg(struct scope *s, const struct timeline *timeline, struct strbuf *b);

#endif
