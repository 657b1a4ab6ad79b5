#pragma once
/* How a line of a credit was computed, as sentences: each number that its amount follows from, in
 * the order of the rules. Labels: set "credit_working". Pure. */
#include <jansson.h>
#include <stdbool.h>

#include "core/scope.h"

struct words_working {
    struct scope *s;
    const char *locale;
    const char *currency;
    const char *timezone;  /* IANA */
    const json_t *explain; /* of billing/engine/explain.h */
    const json_t *titles;  /* of incidents by ref, and the names of components by slug; NULL: the */
    const json_t *names;   /* refs and slugs themselves */
    bool brief;            /* the time that counts, what pays and what reduces it, not all of it */
};

/* [sentences], empty for an explanation without parts. A new reference. */
json_t *words_working(const struct words_working *in);

/* The impacts that it looked at, as sentences: component, level, time and weight. A new reference.
 */
json_t *words_impacts(const struct words_working *in);
