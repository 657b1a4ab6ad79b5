#pragma once
/* The calculation of a credit's lines for templates (page/credit_lines.en.html): the incidents that
 * hit the account with their windows, prices and the formula, in words and exactly; times in the
 * account's zone, money in the format of the locale. Pure. */
#include <jansson.h>

#include "core/scope.h"

struct credit_lines {
    struct scope *s;
    const char *locale;
    const char *currency;
    const char *lines;    /* JSON array of results of explain(credit_line); NULL: none */
    const json_t *titles; /* of incidents by ref, and the names of components by slug; NULL: the */
    const json_t *names;  /* refs and slugs themselves */
    const char *base;     /* before /incidents/REF in links; NULL: "" */
    bool bare;            /* without incidents: invented ones have no page */
    const char *timezone; /* of the current line; filled in here */
};

/* A new reference. */
json_t *credit_lines(const struct credit_lines *in);
