#include "api/hooks/hook_provider.h"

#include <string.h>
#include <strings.h>

#include "api/hooks/hook_jwt.h"
#include "api/signatures/hook_sign.h"
#include "core/clock.h"

struct caller {
    struct call *c;
    const struct form *sent; /* of the query for GET, or of the body */
    const struct form *form; /* of the body: empty for GET */
    const char *url;         /* from the configuration, never from Host */
};

static const char *given(const struct caller *caller, const char *name)
{
    return request_signature(caller->c->request, name);
}

static bool twilio(const struct caller *caller)
{
    const char *token = caller->c->api->config->sms_token;
    return hook_twilio_verifies(
        token, caller->url, caller->form, given(caller, "X-Twilio-Signature"));
}

static bool plivo(const struct caller *caller)
{
    const struct request *request = caller->c->request;
    struct form query = {.n = request->n_query};
    memcpy(query.at, request->query, request->n_query * sizeof query.at[0]);
    const struct hook_plivo want = {.token = caller->c->api->config->sms_token,
        .url = caller->url,
        .query = &query,
        .form = caller->form,
        .nonce = given(caller, "X-Plivo-Signature-V3-Nonce")};
    return hook_plivo_verifies(&want, given(caller, "X-Plivo-Signature-V3"));
}

static struct hook_jwt jwt_of(const struct caller *caller, const char *issuer, const char *url)
{
    const struct call *c = caller->c;
    return (struct hook_jwt){.secret = c->api->config->sms_hook_secret,
        .issuer = issuer,
        .url = url,
        .body = c->request->body,
        .len = c->route->verb == GET ? 0 : c->request->len};
}

/* A token if the account signs webhooks with one, otherwise the older `sig`. */
static bool vonage(const struct caller *caller)
{
    static const char bearer[] = "Bearer ";
    const char *header = caller->c->request->authorization;
    const struct hook_jwt want = jwt_of(caller, "Vonage", NULL);
    if (!header || strncasecmp(header, bearer, strlen(bearer)) != 0)
        return hook_vonage_verifies(want.secret, caller->sent, clock_now() / CLOCK_SECOND);
    return hook_jwt_verifies(&want, header + strlen(bearer), clock_now());
}

static bool messagebird(const struct caller *caller)
{
    const struct hook_jwt want = jwt_of(caller, "MessageBird", caller->url);
    return hook_jwt_verifies(&want, given(caller, "MessageBird-Signature-JWT"), clock_now());
}

/* own: signed with a secret only for callbacks, which may be unset. */
static const struct {
    const char *signature;
    bool (*verifies)(const struct caller *caller);
    bool own;
} schemes[] = {
    {.signature = "twilio", .verifies = twilio},
    {.signature = "plivo", .verifies = plivo},
    {.signature = "vonage", .verifies = vonage, .own = true},
    {.signature = "messagebird", .verifies = messagebird, .own = true},
};

static enum rc provider_of(struct call *c, const struct provider **ret)
{
    const struct config *config = c->api->config;
    const struct provider *provider = NULL;
    if (!*config->sms_provider)
        return refuse(c, 404, "no SMS provider is configured");
    TRY(provider_load(c->s, config->sms_provider, &provider));
    if (strcmp(provider->name, c->param[0]) != 0)
        return refuse(c, 404, "\"%.40s\" is not the configured SMS provider", c->param[0]);
    *ret = provider;
    return RC_OK;
}

enum rc hook_provider(
    struct call *c, const struct form *form, const struct provider **ret, bool *ret_signed)
{
    static const struct form empty;
    TRY(provider_of(c, ret));
    const struct caller caller = {.c = c,
        .sent = form,
        .form = c->route->verb == GET ? &empty : form,
        .url = scope_printf(c->s, "%s%s", c->api->public_url, c->request->target)};
    *ret_signed = false;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        bool unset = schemes[i].own && !*c->api->config->sms_hook_secret;
        if (strcmp(schemes[i].signature, (*ret)->signature) != 0 || unset)
            continue;
        if (!schemes[i].verifies(&caller))
            return fail(c->s, RC_DENIED, "invalid signature");
        *ret_signed = true;
    }
    return RC_OK;
}
