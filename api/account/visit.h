#pragma once
/*
 * A visit of an account's page: the signed link in the path and a session of its account and
 * contact, begun by a button, since scanners open every link of a mail. Each page below
 * /a/{token} begins with it and shows the navigation:
 *
 *     struct account_visit visit;
 *     bool entered;
 *     TRY(account_visit(c, &visit, &entered));
 *     if (!entered)
 *         return RC_OK; // the reply leads to the button
 *     account_visit_put(&visit, "claims", context); // the template: {{> account_nav}}
 */
#include <jansson.h>

#include "api/call/call.h"

#define ACCOUNT_SESSION "account"
enum { ACCOUNT_SESSION_SECONDS = 86400 };

struct account_visit {
    int64_t account, contact; /* contact: SHAPE_NONE if the link is the account's own */
    const char *external_id, *name, *timezone;
    const char *base; /* "/a/{token}" */
    bool entered;     /* by a session */
    bool by_login;    /* the link is that of a sign-in by OpenID Connect: it begins no session */
};

/* The account of the link in param[0]: HTTP 404 if the link is wrong, expired or revoked. */
enum rc account_visit_link(struct call *c, struct account_visit *ret);

/* The same, and the session: without one the reply redirects to /a/{token}. */
enum rc account_visit(struct call *c, struct account_visit *ret, bool *ret_entered);

/* Begin a session of the account and contact, which account_visit then knows, and redirect to
 * target. A browser may have sessions of several accounts, under one cookie. */
enum rc account_visit_begin(struct call *c, const struct account_visit *visit, const char *target);

/* End the browser's sessions of the account, not those of others, and redirect to the link. */
enum rc account_visit_end(struct call *c, const struct account_visit *visit);

/* "/a/{token}" for a contact (SHAPE_NONE: for the account itself), owned by c->s. by_login: only
 * another sign-in of the contact begins a session, not the link. */
const char *account_visit_path(struct call *c, int64_t account, int64_t contact, bool by_login);

/* The page of an incident, or of the overview ("" or NULL), owned by c->s. */
const char *account_visit_target(
    struct call *c, const struct account_visit *visit, const char *incident);

/* The navigation, into the context of a page: here names its item: overview, credits, claims,
 * report, contacts. */
void account_visit_put(const struct account_visit *visit, const char *here, json_t *context);
