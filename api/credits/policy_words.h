#pragma once
/* A policy in words, for staff and customers: generated from its document, so they cannot differ
 * from what is computed. Pure. */
#include <jansson.h>

#include "core/scope.h"

struct policy_words {
    struct scope *s;
    const char *locale;
    const json_t *document; /* with every default filled in */
    const json_t *names;    /* of components by slug; NULL: the slugs */
};

/* {line, gives, tiers: [{uptime_below, percent}], counts: [sentences], limits: [sentences]}: the
 * rule in one line, or the amount, what counts, and the limits. A new reference. */
json_t *policy_words(const struct policy_words *p);
