#ifndef API_CALL_FORM_H
#define API_CALL_FORM_H
/* The fields that another program sent: a query, a form, or the members of a JSON object. */
#include "api/call/call.h"

enum { FORM_FIELDS = 256 };

struct form {
    struct request_pair at[FORM_FIELDS];
    size_t n;
};

/* By verb and content type; numbers in JSON become text, nested values are left out.
 * RC_INVALID: neither, malformed, or more than FORM_FIELDS. */
enum rc form_read(struct call *c, struct form *ret);

const char *form_get(const struct form *form, const char *name); /* the first, or NULL */
/* The field's value, or def where it is missing or empty. */
const char *form_text(const struct form *form, const char *name, const char *def);

#endif
