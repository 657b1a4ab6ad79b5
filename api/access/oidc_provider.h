#pragma once
/* Requests to an OpenID provider. Nothing is cached: sign-ins are rare, and a freshly rotated key
 * works at once. */
#include "core/config.h"
#include "core/scope.h"

/* This installation as a client of a provider. */
struct oidc_client {
    const char *issuer, *id, *secret;
    bool allow_loopback;
    bool allow_private; /* the operator named the issuer: it may be in a private network */
};

/* That of staff. */
struct oidc_client oidc_client_of(const struct config *config);

struct oidc_provider {
    const char *authorization_endpoint, *token_endpoint, *jwks_uri;
};

/* Whether sign-in of staff by OpenID Connect is configured. */
bool oidc_is_open(const struct config *config);

/* Its metadata (OpenID Connect Discovery 1.0, 4), whose issuer must be that of the client.
 * RC_UPSTREAM. Blocks. */
enum rc oidc_discover(struct scope *s, const struct oidc_client *client, struct oidc_provider *ret);

/* Exchange the code for an ID token (RFC 6749 4.1.3 with RFC 7636). RC_UPSTREAM: no usable
 * response; RC_DENIED: the provider refused the code. Blocks. */
enum rc oidc_exchange(struct scope *s, const struct oidc_client *client,
    const struct oidc_provider *provider, const char *code, const char *verifier,
    const char *redirect_uri, const char **ret_token);

/* Its keys, as JSON text. RC_UPSTREAM. Blocks. */
enum rc oidc_keys(struct scope *s, const struct oidc_client *client,
    const struct oidc_provider *provider, const char **ret_keys);
