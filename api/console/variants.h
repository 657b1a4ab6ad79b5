#pragma once
/* A letter's texts in other languages, in a form: templates/page/staff/variants.en.html. */
#include <jansson.h>

#include "api/call/call.h"

/* [{n, locale, subject, body, blank}] for the page: those of the form, or before there is one those
 * of start ({LOCALE: {subject, body}} or NULL), and an empty one. A new reference. */
json_t *variants_rows(struct call *c, const json_t *start);

/* {LOCALE: {subject, body}} for the API. A new reference. */
json_t *variants_typed(struct call *c);
