#pragma once
/* A policy in words, for staff and customers: generated from its document, so they cannot differ
 * from what is computed. Labels: set "policy_words". Pure. */
#include <jansson.h>

#include "core/scope.h"

struct policy_words {
    struct scope *s;
    const char *locale;
    const json_t *document; /* a right one; a field without a value has its default */
    const json_t *names;    /* of components by slug; NULL: the slugs */
};

/* {line, gives, uptime, rows: [{when, pays}], counts: [sentences], limits: [sentences]}: the rule
 * in one line; or the amount and its tiers or steps, what counts, and the limits. uptime: whether
 * the rule asks for it. A new reference. */
json_t *policy_words(const struct policy_words *p);
