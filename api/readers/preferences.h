#pragma once
/* Actions of readers on /preferences, by the field "do" of the form; each adds a row to the consent
 * log. */
#include "api/call/call.h"
#include "api/call/form.h"

struct preferences {
    const char *token; /* of the session */
    int64_t id;        /* subscriber */
    const char *done;  /* label of the set "page" that confirms the action, or NULL */
};

/* Apply the form's action to the subscriber: save, pause, resume, move, rotate. RC_INVALID on a
 * field if it is not possible. */
enum rc preferences_change(struct call *c, struct preferences *p, const struct form *form);
