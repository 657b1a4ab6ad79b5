#pragma once
/*
 * The OpenID provider of an account, which staff set: its contacts sign in to the page of the
 * account by it. The secret is sealed, and no reply has it.
 *
 *     struct oidc_flow flow;
 *     TRY(account_oidc_flow(c, &flow)); // 404 for an account without one
 */
#include "api/access/oidc_flow.h"

struct new_account_oidc {
    const char *issuer, *client_id, *client_secret;
};

struct account_oidc {
    const char *issuer, *client_id;
    const char *login_url, *redirect_uri;
    int64_t changed_at;
};

/* "/a/login/{account}", escaped, owned by c->s. */
const char *account_oidc_path(struct call *c, const char *external_id);

/* The sign-in of the account in param[0]. HTTP 404 if it has no provider. */
enum rc account_oidc_flow(struct call *c, struct oidc_flow *ret);
