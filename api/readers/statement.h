#pragma once
/* The statement of credits: with its calculation, and the form to request a review. */
#include <jansson.h>

#include "api/call/call.h"

struct statement_of {
    int64_t credit;
    int64_t contact;  /* who asks for a review; 0: nobody in particular */
    int64_t account;  /* 0: all credits of the contact; else this account's credit alone */
    const char *base; /* before /incidents/REF in links; NULL: "" */
};

/* Reply with the page; context has "visit" (the navigation of an account's page, or null), "claims"
 * and "report" (links, or null).
 * HTTP 404 if the account has no such credit. */
enum rc statement_show(struct call *c, const struct statement_of *of, json_t *context);

/* Request the review of the form, and reply with the page. */
enum rc statement_ask(struct call *c, const struct statement_of *of, json_t *context);
