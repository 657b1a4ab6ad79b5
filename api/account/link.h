#pragma once
/* Signed links of an account that staff or an integration hands out; they work for 90 days. */
#include "api/call/call.h"
#include "core/sign.h"

enum { ACCOUNT_LINK_DAYS = 90 };

struct new_account_link {
    const char *contact; /* e-mail address; NULL: the link is the account's own */
};

struct account_link {
    const char *url;
    int64_t expires_at;
};

/* A link to path ("/a") for the account in the request's path, recorded in the audit log as action.
 * RC_NOT_FOUND: no such account. RC_INVALID on "contact". */
enum rc account_link_make(struct call *c, enum sign_purpose purpose, const char *path,
    const char *action, const struct new_account_link *in, struct account_link *ret);
