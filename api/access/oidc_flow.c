#include "api/access/oidc_flow.h"

#include <sodium.h>
#include <string.h>

#include "api/access/oidc_token.h"
#include "api/call/form.h"
#include "api/call/session.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "core/net/net.h"

enum { SIGN_IN_SECONDS = 600, TARGET_MAX = 8192 };

SHAPE_STATIC(struct sign_in, sign_in_shape, "OidcSignIn", FIELD(TEXT, state, .secret = true),
    FIELD(TEXT, nonce, .secret = true), FIELD(TEXT, verifier, .secret = true), FIELD(TEXT, next));

/* Strangers may begin any number of sign-ins, so pending ones are limited, for each provider by
 * itself, and expire. */
STMT(oidc_purge, "DELETE FROM oidc_sign_in WHERE expires_at < now()");
STMT(oidc_begin,
    "INSERT INTO oidc_sign_in (cookie_hash, state, nonce, verifier, next, account_id)"
    " SELECT $1::bytea, $2, $3, $4, $5, $6::bigint WHERE (SELECT count(*) FROM oidc_sign_in"
    "   WHERE account_id IS NOT DISTINCT FROM $6::bigint) < 10000");
STMT(oidc_take,
    "DELETE FROM oidc_sign_in WHERE cookie_hash = $1::bytea AND expires_at > now()"
    "   AND account_id IS NOT DISTINCT FROM $2::bigint"
    " RETURNING state, nonce, verifier, next",
    .row = &sign_in_shape);

static void add(struct strbuf *b, const char *name, const char *value)
{
    strbuf_addf(b, "&%s=", name);
    net_form_value(b, value);
}

/* RFC 7636 4.2: S256. */
static const char *challenge_of(struct scope *s, const char *verifier)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    STRBUF(b, 64);
    crypto_hash_sha256(hash, (const unsigned char *)verifier, strlen(verifier));
    sign_base64url(&b, hash, sizeof(hash));
    return strbuf_copy(&b, s);
}

static enum rc keep(struct call *c, const struct oidc_flow *flow, const struct sign_in *in)
{
    unsigned char hash[SIGN_HASH];
    const char *token = session_new_token(c->s);
    int64_t n;
    session_hash(token, hash);
    TRY(db_do(c->s, c->db, &oidc_purge, NO_PARAMS, NULL));
    TRY(db_do(c->s, c->db, &oidc_begin,
        PARAMS(P_BYTES(hash, sizeof(hash)), P_TEXT(in->state), P_TEXT(in->nonce),
            P_TEXT(in->verifier), P_TEXT(in->next), P_INT(flow->account)),
        &n));
    if (!n)
        return refuse(c, 429, "Too many pending sign-ins. Wait ten minutes.");
    session_set(c, flow->cookie, token, SIGN_IN_SECONDS);
    return RC_OK;
}

enum rc oidc_flow_start(struct call *c, const struct oidc_flow *flow, const char *next)
{
    struct oidc_provider provider;
    struct sign_in in = {.state = sign_random(c->s, 24),
        .nonce = sign_random(c->s, 24),
        .verifier = sign_random(c->s, 48),
        .next = next};
    TRY(oidc_discover(c->s, &flow->client, &provider));
    TRY(keep(c, flow, &in));
    const char *to = provider.authorization_endpoint;
    STRBUF(b, TARGET_MAX);
    strbuf_addf(&b, "%s%sresponse_type=code", to, strchr(to, '?') ? "&" : "?");
    add(&b, "client_id", flow->client.id);
    add(&b, "redirect_uri", flow->callback);
    add(&b, "scope", flow->scope);
    add(&b, "state", in.state);
    add(&b, "nonce", in.nonce);
    add(&b, "code_challenge", challenge_of(c->s, in.verifier));
    add(&b, "code_challenge_method", "S256");
    return session_see_other(c, strbuf_copy(&b, c->s));
}

/* Begun in this browser within ten minutes, and unused. */
static enum rc take(
    struct call *c, const struct oidc_flow *flow, const struct form *form, struct sign_in *ret)
{
    unsigned char hash[SIGN_HASH];
    session_hash(session_token(c, flow->cookie), hash);
    session_set(c, flow->cookie, "", 0);
    enum rc rc = db_one(
        c->s, c->db, &oidc_take, PARAMS(P_BYTES(hash, sizeof(hash)), P_INT(flow->account)), ret);
    if (rc != RC_NOT_FOUND)
        TRY(rc);
    if (rc == RC_NOT_FOUND || strcmp(ret->state, form_text(form, "state", "")) != 0)
        return refuse(c, 403,
            "This sign-in was not begun in this browser, took too long, or was already used. Start "
            "again.");
    return RC_OK;
}

static enum rc claims_of(struct call *c, const struct oidc_flow *flow, const struct sign_in *in,
    const char *code, const json_t **ret)
{
    const struct oidc_client *client = &flow->client;
    const struct oidc_expected expected = {
        .issuer = client->issuer, .client_id = client->id, .nonce = in->nonce, .now = clock_now()};
    struct oidc_provider provider;
    const char *token, *keys;
    TRY(oidc_discover(c->s, client, &provider));
    TRY(oidc_exchange(c->s, client, &provider, code, in->verifier, flow->callback, &token));
    TRY(oidc_keys(c->s, client, &provider, &keys));
    return oidc_token_check(c->s, token, keys, &expected, ret);
}

enum rc oidc_flow_finish(
    struct call *c, const struct oidc_flow *flow, const json_t **ret_claims, const char **ret_next)
{
    struct form form;
    struct sign_in in = {0};
    TRY(form_read(c, &form));
    TRY(take(c, flow, &form, &in));
    if (!form_text(&form, "code", NULL))
        return refuse(c, 403, "Your organisation cancelled or refused the sign-in.");
    *ret_next = in.next;
    return claims_of(c, flow, &in, form_text(&form, "code", ""), ret_claims);
}

const char *oidc_verified_email(const json_t *claims)
{
    bool verified = json_is_true(json_object_get(claims, "email_verified"));
    return verified ? json_get_text(claims, "email") : NULL;
}

enum rc oidc_flow_refused(struct call *c)
{
    const char *why = scope_strdup(c->s, c->s->fault.message);
    log_event(LOG_WARN, "a sign-in by OpenID Connect was refused", LOG_TEXT("reason", why));
    return refuse(c, 403, "Your organisation's sign-in was not accepted: \"%s\".", why);
}
