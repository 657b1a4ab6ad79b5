#pragma once
/* The fields sent by another program: a query, a form, or the members of a JSON object. */
#include "api/call/call.h"

enum { FORM_FIELDS = 256 };

struct form {
    struct request_pair at[FORM_FIELDS];
    size_t n;
};

/* Read them by verb and content type; JSON numbers become text, nested values are skipped.
 * RC_INVALID: another type, malformed, or more than FORM_FIELDS. */
enum rc form_read(struct call *c, struct form *ret);

const char *form_get(const struct form *form, const char *name); /* the first value, or NULL */
/* The field's value, or def if it is missing or empty. */
const char *form_text(const struct form *form, const char *name, const char *def);
