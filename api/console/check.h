#ifndef API_CONSOLE_CHECK_H
#define API_CONSOLE_CHECK_H
/*
 * Looking at a post before it is posted. A form that has the buttons of
 * templates/page/staff/check.en.html comes back as do=check, do=test (the mail, to whoever is
 * signed in) or do=mail:LOCALE (the mail alone, as a page).
 */
#include <jansson.h>

#include "api/call/call.h"

bool check_is_asked(struct call *c);

/* Ask a preview route; body is that of the real one. A refusal is *ret_problem and no failure;
 * else *ret_check is what the page shows. */
enum rc check_ask(
    struct call *c, const char *target, json_t *body, json_t **ret_check, json_t **ret_problem);

/* Has the form asked for one mail as a page? Then it is the reply. */
bool check_reply_mail(struct call *c, const json_t *check);

/* "check" (NULL: none) and "may_test" of the context. */
void check_put(struct call *c, json_t *check, json_t *context);

#endif
