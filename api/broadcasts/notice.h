#pragma once
/* Shared by notices to subscribers and to credited accounts. */
#include <jansson.h>

#include "api/call/call.h"

struct notice_preview {
    const char *subject, *text, *html, *audience; /* audience: JSON */
};

/* variants: NULL, or {LOCALE: {subject, body}} for readers of that language. */
struct notice_texts {
    const char *subject, *body;
    const json_t *variants;
};
extern const struct shape notice_variant_shape;
#define NOTICE_VARIANTS_FIELD(whom) \
    FIELD(JSON, variants, .form = FORM_MAP, .of = &notice_variant_shape, \
        .doc = "By language tag: the letter for " whom " of that language.")

/* Check that they render in every language. RC_INVALID on the field. credit: as for letter_check.
 */
enum rc notice_check(struct scope *s, const struct notice_texts *texts, bool credit);
