#pragma once
/* A picture of an incident: a row per component with bars for its impact windows, thin ones below
 * for the measured windows, and a line per post, on one time scale. Pure: times in, SVG out. */
#include <jansson.h>
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
    const struct timeline_impact *measured; /* as monitoring has them, without a level */
    size_t n_measured;
    int64_t now;               /* end of open windows */
    const char *label;         /* text for screen readers */
    const char *locale, *zone; /* of the times in words; zone NULL: UTC */
};

/* For the partial "timeline": {"svg", "components": [name], "measures": is there a measured window,
 * "from", "from_text", "to", "to_text"}; null without windows. The page draws the
 * names beside the rows of the picture. */
json_t *timeline_json(struct scope *s, const struct timeline *timeline);
