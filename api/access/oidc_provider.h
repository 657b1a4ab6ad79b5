#pragma once
/* Requests to the OpenID provider. Nothing is cached: sign-ins are rare, and a freshly rotated key
 * works at once. The operator configures the issuer, so it may be in a private network. */
#include "core/config.h"
#include "core/scope.h"

struct oidc_provider {
    const char *authorization_endpoint, *token_endpoint, *jwks_uri;
};

/* Whether sign-in by OpenID Connect is configured. */
bool oidc_is_open(const struct config *config);

/* Its metadata (OpenID Connect Discovery 1.0, 4), whose issuer must be the configured one.
 * RC_UPSTREAM. Blocks. */
enum rc oidc_discover(struct scope *s, const struct config *config, struct oidc_provider *ret);

/* Exchange the code for an ID token (RFC 6749 4.1.3 with RFC 7636). RC_UPSTREAM: no usable
 * response; RC_DENIED: the provider refused the code. Blocks. */
enum rc oidc_exchange(struct scope *s, const struct config *config,
    const struct oidc_provider *provider, const char *code, const char *verifier,
    const char *redirect_uri, const char **ret_token);

/* Its keys, as JSON text. RC_UPSTREAM. Blocks. */
enum rc oidc_keys(struct scope *s, const struct config *config,
    const struct oidc_provider *provider, const char **ret_keys);
