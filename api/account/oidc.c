/* PUT, GET and DELETE /v1/accounts/{external_id}/oidc. */
#include "api/account/oidc.h"

#include <string.h>

#include "api/account/account.h"
#include "api/call/audit_log.h"
#include "core/net/net.h"

const struct shape new_account_oidc_shape = SHAPE("AccountOidcReplace", struct new_account_oidc,
    FIELD(TEXT, issuer, .required = true, .min = 1, .max = 1000,
        .doc = "URL of the provider, exactly as its metadata has it."),
    FIELD(TEXT, client_id, .required = true, .min = 1, .max = 500,
        .doc = "Client ID of this installation at the provider."),
    FIELD(TEXT, client_secret, .required = true, .min = 1, .max = 2000,
        .doc = "Secret of that client."));
const struct shape account_oidc_shape = SHAPE("AccountOidc", struct account_oidc,
    FIELD(TEXT, issuer, .required = true, .doc = "URL of the provider."),
    FIELD(TEXT, client_id, .required = true, .doc = "Client ID at the provider."),
    FIELD(TEXT, login_url, .required = true, .doc = "Where contacts of the account sign in."),
    FIELD(TEXT, redirect_uri, .required = true, .doc = "To register at the provider."),
    FIELD(TIME, changed_at, .required = true, .doc = "Time of the last change."));

STMT(account_oidc_id, "SELECT id FROM account WHERE external_id = $1 FOR UPDATE", .row = &row_int);
STMT(account_oidc_set,
    "INSERT INTO account_oidc (account_id, issuer, client_id, client_secret)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT (account_id) DO UPDATE SET issuer = excluded.issuer,"
    "   client_id = excluded.client_id, client_secret = excluded.client_secret,"
    "   changed_at = now()");
STMT(account_oidc_drop, "DELETE FROM account_oidc WHERE account_id = $1");
/* What the provider let in, or is about to. */
STMT(account_oidc_end, "WITH begun AS (DELETE FROM oidc_sign_in WHERE account_id = $1)"
                       " DELETE FROM account_session WHERE account_id = $1");
static const struct shape account_oidc_row = SHAPE("AccountOidcRow", struct account_oidc,
    FIELD(TEXT, issuer), FIELD(TEXT, client_id), FIELD(TIME, changed_at));
STMT(account_oidc_one,
    "SELECT o.issuer, o.client_id, o.changed_at FROM account_oidc o"
    "   JOIN account a ON a.id = o.account_id WHERE a.external_id = $1",
    .row = &account_oidc_row);

SHAPE_STATIC(struct stored, stored_shape, "AccountOidcStored", FIELD(INT, account),
    FIELD(TEXT, issuer), FIELD(TEXT, client_id), FIELD(TEXT, secret, .secret = true));
STMT(account_oidc_stored,
    "SELECT o.account_id AS account, o.issuer, o.client_id,"
    "   encode(o.client_secret, 'hex') AS secret"
    " FROM account_oidc o JOIN account a ON a.id = o.account_id WHERE a.external_id = $1",
    .row = &stored_shape);

static const char *bound_to(struct scope *s, int64_t account)
{
    return scope_printf(s, "account_oidc:%lld", (long long)account);
}

const char *account_oidc_path(struct call *c, const char *external_id)
{
    STRBUF(b, 4096);
    strbuf_addstr(&b, "/a/login/");
    strbuf_addpercent(&b, external_id);
    return strbuf_copy(&b, c->s);
}

static const char *login_url(struct call *c)
{
    return scope_printf(c->s, "%s%s", c->api->public_url, account_oidc_path(c, c->param[0]));
}

static const char *redirect_uri(struct call *c)
{
    return scope_printf(c->s, "%s/callback", login_url(c));
}

enum rc account_oidc_flow(struct call *c, struct oidc_flow *ret)
{
    struct stored row;
    char *secret;
    TRY(IF_NONE(db_one(c->s, c->db, &account_oidc_stored, PARAMS(P_TEXT(c->param[0])), &row),
        refuse(c, 404, "Signing in with OpenID Connect is not configured here.")));
    TRY(sign_open_hex(c->s, c->api->keys, bound_to(c->s, row.account), row.secret, &secret));
    *ret = (struct oidc_flow){.client = {.issuer = row.issuer,
                                  .id = row.client_id,
                                  .secret = secret,
                                  .allow_loopback = c->api->config->allow_loopback},
        .scope = "openid email",
        .callback = redirect_uri(c),
        .cookie = "account-oidc",
        .account = row.account};
    return RC_OK;
}

static enum rc find(struct scope *s, struct db *db, const struct call *c, int64_t *ret)
{
    return IF_NONE(db_one(s, db, &account_oidc_id, PARAMS(P_TEXT(c->param[0])), ret),
        fail(s, RC_NOT_FOUND, "no account \"%.100s\"", c->param[0]));
}

static enum rc record(struct scope *s, struct db *db, const struct call *c, const char *action)
{
    return audit_add(
        s, db, call_actor(c), action, scope_printf(s, "account:%s", c->param[0]), NULL);
}

static enum rc set(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct new_account_oidc *in = c->body;
    unsigned char *sealed;
    size_t len;
    int64_t id;
    TRY(find(s, db, c, &id));
    sign_seal(s, c->api->keys, bound_to(s, id), in->client_secret, strlen(in->client_secret),
        &sealed, &len);
    TRY(db_do(s, db, &account_oidc_set,
        PARAMS(P_INT(id), P_TEXT(in->issuer), P_TEXT(in->client_id), P_BYTES(sealed, len)), NULL));
    TRY(db_do(s, db, &account_oidc_end, PARAMS(P_INT(id)), NULL));
    return record(s, db, c, "account.set_oidc");
}

static enum rc drop(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    int64_t id, n;
    TRY(find(s, db, c, &id));
    TRY(db_do(s, db, &account_oidc_drop, PARAMS(P_INT(id)), &n));
    if (!n)
        return fail(s, RC_NOT_FOUND, "account \"%.100s\" has no OpenID provider", c->param[0]);
    TRY(db_do(s, db, &account_oidc_end, PARAMS(P_INT(id)), NULL));
    return record(s, db, c, "account.remove_oidc");
}

enum rc account_oidc_get(struct call *c)
{
    struct account_oidc row;
    TRY(IF_NONE(db_one(c->s, c->db, &account_oidc_one, PARAMS(P_TEXT(c->param[0])), &row),
        fail(c->s, RC_NOT_FOUND, "account \"%.100s\" has no OpenID provider", c->param[0])));
    row.login_url = login_url(c);
    row.redirect_uri = redirect_uri(c);
    return reply_object(c, &row);
}

enum rc account_oidc_replace(struct call *c)
{
    const struct new_account_oidc *in = c->body;
    if (net_url_check(c->s, in->issuer, c->api->config->allow_loopback) != RC_OK)
        return fail_field(
            c->s, RC_INVALID, "issuer", "%s", scope_strdup(c->s, c->s->fault.message));
    TRY(db_txn(c->s, c->db, set, c));
    return account_oidc_get(c);
}

enum rc account_oidc_delete(struct call *c)
{
    TRY(db_txn(c->s, c->db, drop, c));
    return reply_nothing(c);
}
