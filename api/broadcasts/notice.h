#ifndef API_BROADCASTS_NOTICE_H
#define API_BROADCASTS_NOTICE_H
/* What notices to subscribers and to credited accounts share. */
#include <jansson.h>

#include "api/call/call.h"

struct notice_preview {
    const char *subject, *text, *html;
};

/* variants: NULL, or {LOCALE: {subject, body}} for readers of that language. */
struct notice_texts {
    const char *subject, *body;
    const json_t *variants;
};
#define NOTICE_VARIANTS_FIELD(whom) \
    FIELD(JSON, variants, .doc = "{LOCALE: {subject, body}} for " whom " of that language.")

/* Do they render, whatever the language? RC_INVALID on the field. credit: as letter_check. */
enum rc notice_check(struct scope *s, const struct notice_texts *texts, bool credit);

#endif
