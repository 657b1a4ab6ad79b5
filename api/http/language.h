#pragma once
/* The language of a page: the reader's choice by ?lang=, otherwise the browser's preference (RFC
 * 9110 12.5.4), otherwise English. */
#include <stdbool.h>

#include "api/http/request.h"

struct language {
    const char *tag;  /* "de", which is also the locale of templates and labels */
    const char *name; /* in the language itself, for the list of languages */
    bool console;     /* the console has it, too */
};
extern const struct language languages[]; /* ends with a NULL tag; English first */

/* One of languages[]; *ret_chosen (may be NULL): chosen by ?lang=. */
const struct language *language_of(const struct request *r, bool *ret_chosen);
