#ifndef MESSAGES_CONTEXT_H
#define MESSAGES_CONTEXT_H
/* What a template of a broadcast renders from: templates/CONTEXT.md, with markers of
 * pieces.h for what differs per recipient. */
#include <jansson.h>

#include "messages/story.h"

struct context_spec {
    const struct config *config;
    const struct broadcast *broadcast; /* its story is read */
    enum channel channel;
    const char *locale, *timezone;
    const char *selection; /* of a digest: "3,17", the incidents it tells of */
    size_t title_chars;    /* cut titles to so many characters and "..." */
};

/* Merge fields of a credit notice: HOLE_FIELD + n. */
enum merge {
    MERGE_CONTACT_NAME,
    MERGE_ACCOUNT_NAME,
    MERGE_ACCOUNT_REF,
    MERGE_CREDIT_ID,
    MERGE_AMOUNT_TEXT,
    MERGE_CURRENCY,
    MERGE_WHY_TEXT,
    MERGE_DAYS,
    MERGE_COUNT
};

/* RC_INVALID when a text of staff can not be rendered. Owned by s. */
enum rc context_make(struct scope *s, const struct context_spec *spec, json_t **ret);

#endif
