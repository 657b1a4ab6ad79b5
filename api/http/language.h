#ifndef API_HTTP_LANGUAGE_H
#define API_HTTP_LANGUAGE_H
/* The language of a page: what the reader chose by ?lang=, else the best that their
 * browser asks for (RFC 9110 12.5.4), else English. */
#include <stdbool.h>

#include "api/http/request.h"

struct language {
    const char *tag;  /* "de": also the locale of templates and labels */
    const char *name; /* in itself, for the list of languages */
};
extern const struct language languages[]; /* up to a tag that is NULL; English first */

/* The one of languages[]; *ret_chosen (may be NULL): by ?lang=. */
const struct language *language_of(const struct request *r, bool *ret_chosen);

#endif
