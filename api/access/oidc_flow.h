#pragma once
/*
 * A sign-in by OpenID Connect: authorization code with PKCE (decision 81). A row keeps its state,
 * bound to the browser by a cookie, to the account whose page it opens, and used once.
 *
 *     TRY(oidc_flow_start(c, &flow, next)); // the reply redirects to the provider
 *
 *     enum rc rc = oidc_flow_finish(c, &flow, &claims, &next); // at flow.callback
 *     if (rc == RC_DENIED)
 *         return oidc_flow_refused(c);
 */
#include <jansson.h>

#include "api/access/oidc_provider.h"
#include "api/call/call.h"

struct oidc_flow {
    struct oidc_client client;
    const char *scope;    /* of the request: "openid email" */
    const char *callback; /* the redirect URI; each client has its own (RFC 9700, 4.4.2) */
    const char *cookie;   /* its kind (session.h) */
    int64_t account;      /* SHAPE_NONE: staff */
};

/* next: kept for oidc_flow_finish. HTTP 429 with too many pending sign-ins; RC_UPSTREAM. Blocks. */
enum rc oidc_flow_start(struct call *c, const struct oidc_flow *flow, const char *next);

/* The checked claims of the ID token. RC_DENIED: the fault says which check failed; HTTP 403: not
 * begun in this browser with this flow, or cancelled there; RC_UPSTREAM. Blocks. */
enum rc oidc_flow_finish(
    struct call *c, const struct oidc_flow *flow, const json_t **ret_claims, const char **ret_next);

/* The address of the claims if the provider verified it, else NULL. */
const char *oidc_verified_email(const json_t *claims);

/* HTTP 403 with the fault of an RC_DENIED, which is logged, so that both the person and the
 * operator see the reason. */
enum rc oidc_flow_refused(struct call *c);
