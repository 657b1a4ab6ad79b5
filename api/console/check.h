#pragma once
/*
 * Preview of a post. A form that has the buttons of templates/page/staff/check.en.html comes back
 * as do=check, do=test (send the mail to the person signed in) or do=mail:LOCALE (show only the
 * mail, as a page).
 */
#include <jansson.h>

#include "api/call/call.h"

bool check_is_asked(struct call *c);

/* Call a preview route; body is that of the real route. A refusal sets *ret_problem and is not a
 * failure; otherwise *ret_check is the content for the page. */
enum rc check_ask(
    struct call *c, const char *target, json_t *body, json_t **ret_check, json_t **ret_problem);

/* If the form requests a mail as a page, reply with it. */
bool check_reply_mail(struct call *c, const json_t *check);

/* Reply with a mail alone, without script or requests; our pages may frame it. */
void check_reply_html(struct call *c, const char *html);

/* "check" (NULL: none) and "may_test" of the context. */
void check_put(struct call *c, json_t *check, json_t *context);
