#ifndef API_READERS_PREFERENCES_H
#define API_READERS_PREFERENCES_H
/* What a reader does to their own subscription on /preferences, by the field "do" of its form;
 * each with a row in the consent log. */
#include "api/call/call.h"
#include "api/call/form.h"

struct preferences {
    const char *token; /* of the session */
    int64_t id;        /* subscriber */
    const char *done;  /* a word of the set "page" that says what was done, or NULL */
};

/* Do what the form says to the subscriber: save, pause, resume, move, rotate. RC_INVALID on a
 * field when it can not be done. */
enum rc preferences_change(struct call *c, struct preferences *p, const struct form *form);

#endif
