#pragma once
/* Actions of readers on /preferences, by the field "do" of the form; each adds a row to the consent
 * log. The link of a message (/p/{token}) opens the page at once and for good, so it only does what
 * unsubscribing could do, too: it saves and pauses (decision 133). */
#include <jansson.h>

#include "api/call/call.h"
#include "api/call/form.h"

struct preferences {
    const char *token; /* of the session, or NULL */
    const char *link;  /* the path of a message's link, or NULL */
    int64_t id;        /* subscriber */
    json_t *context;   /* begun by the page of an account with its "visit", or NULL */
    const char *done;  /* label of the set "page" that confirms the action, or NULL */
};

/* Apply the form's action to the subscriber: save, pause, resume, move, rotate. RC_INVALID on a
 * field if it is not possible. */
enum rc preferences_change(struct call *c, struct preferences *p, const struct form *form);

/* The page of a link, p->link; and the action of its form, one of save, pause and resume. */
enum rc preferences_show(struct call *c, const struct preferences *p);
enum rc preferences_save(struct call *c, struct preferences *p);
