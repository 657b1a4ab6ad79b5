#include "api/access/oidc_provider.h"

#include <string.h>

#include "core/json.h"
#include "core/net/net.h"

enum { DOCUMENT_MAX = 256 * 1024, FORM_MAX = 16 * 1024 };

bool oidc_is_open(const struct config *config)
{
    return *config->oidc_issuer && *config->oidc_client_id && *config->oidc_client_secret;
}

struct oidc_client oidc_client_of(const struct config *config)
{
    return (struct oidc_client){.issuer = config->oidc_issuer,
        .id = config->oidc_client_id,
        .secret = config->oidc_client_secret,
        .allow_loopback = config->allow_loopback,
        .allow_private = true};
}

static struct net_guard guard_of(const struct oidc_client *client)
{
    return (struct net_guard){
        .allow_loopback = client->allow_loopback, .allow_private = client->allow_private};
}

static enum rc fetch(struct scope *s, const struct oidc_client *client, const char *url,
    const char *what, json_t **ret)
{
    struct net_guard guard = guard_of(client);
    STRBUF(reply, DOCUMENT_MAX);
    int status = 0;
    TRY(net_get(s, url, &guard, &reply, &status));
    if (status != 200 || reply.overflow || json_parse(s, reply.buf, reply.len, ret) != RC_OK)
        return fail(s, RC_UPSTREAM, "the OpenID provider returned %d for its %s", status, what);
    return RC_OK;
}

/* Of a provider that the operator did not choose, its URLs are a stranger's. */
static enum rc member(struct scope *s, const struct oidc_client *client, const json_t *document,
    const char *name, const char **ret)
{
    *ret = json_get_text(document, name);
    if (!*ret || strncmp(*ret, "http", 4) != 0 ||
        (!client->allow_private && net_url_check(s, *ret, client->allow_loopback) != RC_OK))
        return fail(s, RC_UPSTREAM, "the OpenID provider's configuration has no %s", name);
    return RC_OK;
}

enum rc oidc_discover(struct scope *s, const struct oidc_client *client, struct oidc_provider *ret)
{
    const char *issuer = client->issuer;
    size_t len = strlen(issuer);
    json_t *document;
    int bare = (int)(len && issuer[len - 1] == '/' ? len - 1 : len);
    TRY(fetch(s, client, scope_printf(s, "%.*s/.well-known/openid-configuration", bare, issuer),
        "configuration", &document));
    const char *own = json_get_text(document, "issuer");
    if (!own || strcmp(own, issuer) != 0)
        return fail(s, RC_UPSTREAM, "the OpenID provider reports a different issuer: \"%.200s\"",
            own ? own : "");
    TRY(member(s, client, document, "authorization_endpoint", &ret->authorization_endpoint));
    TRY(member(s, client, document, "token_endpoint", &ret->token_endpoint));
    return member(s, client, document, "jwks_uri", &ret->jwks_uri);
}

static void add(struct strbuf *b, const char *name, const char *value)
{
    strbuf_addf(b, "%s%s=", b->len ? "&" : "", name);
    net_form_value(b, value);
}

enum rc oidc_exchange(struct scope *s, const struct oidc_client *client,
    const struct oidc_provider *provider, const char *code, const char *verifier,
    const char *redirect_uri, const char **ret_token)
{
    struct net_guard guard = guard_of(client);
    json_t *json = NULL;
    int status = 0;
    STRBUF(form, FORM_MAX);
    STRBUF(reply, DOCUMENT_MAX);
    add(&form, "grant_type", "authorization_code");
    add(&form, "code", code);
    add(&form, "redirect_uri", redirect_uri);
    add(&form, "code_verifier", verifier);
    TRY(net_post_form(s, provider->token_endpoint, &guard, form.buf, client->id, client->secret,
        &reply, &status));
    if (status == 400)
        return fail(s, RC_DENIED, "the provider refused its code");
    if (status != 200 || reply.overflow || json_parse(s, reply.buf, reply.len, &json) != RC_OK)
        return fail(s, RC_UPSTREAM, "the OpenID provider returned %d for a code", status);
    *ret_token = json_get_text(json, "id_token");
    if (!*ret_token)
        return fail(s, RC_UPSTREAM, "the OpenID provider sent no id_token");
    return RC_OK;
}

enum rc oidc_keys(struct scope *s, const struct oidc_client *client,
    const struct oidc_provider *provider, const char **ret_keys)
{
    json_t *keys;
    TRY(fetch(s, client, provider->jwks_uri, "keys", &keys));
    *ret_keys = json_text(s, keys);
    return RC_OK;
}
