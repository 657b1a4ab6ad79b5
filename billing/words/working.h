#pragma once
/* How a line of a credit was computed, as sentences: each number that its amount follows from, in
 * the order of the rules. Labels: set "credit_working". Pure. */
#include <jansson.h>

#include "core/scope.h"

struct words_working {
    struct scope *s;
    const char *locale;
    const char *currency;
    const char *timezone;  /* IANA */
    const json_t *explain; /* of billing/engine/explain.h */
    const json_t *titles;  /* of incidents by ref; NULL: the refs */
};

/* [sentences], empty for an explanation without parts. A new reference. */
json_t *words_working(const struct words_working *in);
