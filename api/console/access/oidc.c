/* /staff/oidc/start and /staff/oidc/callback: signing in by OpenID Connect (authorization code with
 * PKCE, decision 81). A row keeps the state of a sign-in, bound to the browser by a cookie and used
 * once. */
#include <sodium.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/readers/reader.h"
#include "api/call/session.h"
#include "api/console/access/access.h"
#include "api/access/oidc_provider.h"
#include "api/access/oidc_token.h"
#include "api/access/staff.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "core/net/net.h"

enum { SIGN_IN_SECONDS = 600, TARGET_MAX = 8192, ROLES_MAX = 8 };

#define COOKIE "oidc"

SHAPE_STATIC(struct sign_in, sign_in_shape, "OidcSignIn", FIELD(TEXT, state, .secret = true),
    FIELD(TEXT, nonce, .secret = true), FIELD(TEXT, verifier, .secret = true), FIELD(TEXT, next));

/* Strangers may begin any number of sign-ins, so pending ones are limited and expire. */
STMT(oidc_purge, "DELETE FROM oidc_sign_in WHERE expires_at < now()");
STMT(oidc_begin,
    "INSERT INTO oidc_sign_in (cookie_hash, state, nonce, verifier, next)"
    " SELECT $1::bytea, $2, $3, $4, $5 WHERE (SELECT count(*) FROM oidc_sign_in) < 10000");
STMT(oidc_take,
    "DELETE FROM oidc_sign_in WHERE cookie_hash = $1::bytea AND expires_at > now()"
    " RETURNING state, nonce, verifier, next",
    .row = &sign_in_shape);

SHAPE_STATIC(struct known, known_shape, "OidcKnown", FIELD(INT, id), FIELD(TEXT, login),
    FIELD(BOOL, disabled));

STMT(oidc_by_subject,
    "SELECT id, login, disabled_at IS NOT NULL AS disabled FROM staff WHERE oidc_subject = $1",
    .row = &known_shape);
/* By e-mail address the first time, unless two people have it. */
STMT(oidc_bind,
    "UPDATE staff SET oidc_subject = $1 WHERE lower(email) = lower($2) AND oidc_subject IS NULL"
    "   AND disabled_at IS NULL"
    "   AND (SELECT count(*) FROM staff WHERE lower(email) = lower($2)) = 1"
    " RETURNING id, login, false AS disabled",
    .row = &known_shape);
STMT(oidc_set_subject, "UPDATE staff SET oidc_subject = $2 WHERE id = $1");
STMT(oidc_set_roles, "UPDATE staff SET roles = $2::text[] WHERE id = $1 AND roles <> $2::text[]");

static const char *callback_url(struct call *c)
{
    return scope_printf(c->s, "%s/staff/oidc/callback", c->api->public_url);
}

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

static enum rc keep(struct call *c, const struct sign_in *in)
{
    unsigned char hash[SIGN_HASH];
    const char *token = session_new_token(c->s);
    int64_t n;
    session_hash(token, hash);
    TRY(db_do(c->s, c->db, &oidc_purge, NO_PARAMS, NULL));
    TRY(db_do(c->s, c->db, &oidc_begin,
        PARAMS(P_BYTES(hash, sizeof(hash)), P_TEXT(in->state), P_TEXT(in->nonce),
            P_TEXT(in->verifier), P_TEXT(in->next)),
        &n));
    if (!n)
        return refuse(c, 429, "Too many pending sign-ins. Wait ten minutes.");
    session_set(c, COOKIE, token, SIGN_IN_SECONDS);
    return RC_OK;
}

static enum rc check_open(struct call *c)
{
    if (!oidc_is_open(c->api->config))
        return refuse(c, 404, "Signing in with OpenID Connect is not configured here.");
    return RC_OK;
}

enum rc console_oidc_start(struct call *c)
{
    const struct config *config = c->api->config;
    struct oidc_provider provider;
    struct form form;
    TRY(check_open(c));
    TRY(form_read(c, &form));
    struct sign_in in = {.state = sign_random(c->s, 24),
        .nonce = sign_random(c->s, 24),
        .verifier = sign_random(c->s, 48),
        .next = staff_next(&form)};
    TRY(oidc_discover(c->s, config, &provider));
    TRY(keep(c, &in));
    const char *to = provider.authorization_endpoint;
    STRBUF(b, TARGET_MAX);
    strbuf_addf(&b, "%s%sresponse_type=code", to, strchr(to, '?') ? "&" : "?");
    add(&b, "client_id", config->oidc_client_id);
    add(&b, "redirect_uri", callback_url(c));
    add(&b, "scope", config->oidc_scope);
    add(&b, "state", in.state);
    add(&b, "nonce", in.nonce);
    add(&b, "code_challenge", challenge_of(c->s, in.verifier));
    add(&b, "code_challenge_method", "S256");
    return session_see_other(c, strbuf_copy(&b, c->s));
}

/* Begun in this browser within ten minutes, and unused. */
static enum rc take(struct call *c, const struct form *form, struct sign_in *ret)
{
    unsigned char hash[SIGN_HASH];
    session_hash(session_token(c, COOKIE), hash);
    session_set(c, COOKIE, "", 0);
    enum rc rc = db_one(c->s, c->db, &oidc_take, PARAMS(P_BYTES(hash, sizeof(hash))), ret);
    if (rc != RC_NOT_FOUND)
        TRY(rc);
    if (rc == RC_NOT_FOUND || strcmp(ret->state, form_text(form, "state", "")) != 0)
        return refuse(c, 403,
            "This sign-in was not begun in this browser, took too long, or was already used. Start "
            "again.");
    return RC_OK;
}

static enum rc claims_of(
    struct call *c, const struct sign_in *in, const char *code, const json_t **ret)
{
    const struct config *config = c->api->config;
    const struct oidc_expected expected = {.issuer = config->oidc_issuer,
        .client_id = config->oidc_client_id,
        .nonce = in->nonce,
        .now = clock_now()};
    struct oidc_provider provider;
    const char *token, *keys;
    TRY(oidc_discover(c->s, config, &provider));
    TRY(oidc_exchange(c->s, config, &provider, code, in->verifier, callback_url(c), &token));
    TRY(oidc_keys(c->s, config, &provider, &keys));
    return oidc_token_check(c->s, token, keys, &expected, ret);
}

static bool has_value(const json_t *claim, const char *value, size_t len)
{
    const json_t *one;
    size_t i;
    const char *text = json_string_value(claim);
    if (text && strlen(text) == len && !strncmp(text, value, len))
        return true;
    json_array_foreach(claim, i, one) if (has_value(one, value, len)) return true;
    return false;
}

/* The roles that oidc_roles ("ops=responder boss=approver") maps to the groups in the claim. */
static struct texts roles_of(struct call *c, const json_t *claims)
{
    const struct config *config = c->api->config;
    const json_t *claim = json_object_get(claims, config->oidc_roles_claim);
    const char **at = SCOPE_ARRAY(c->s, const char *, ROLES_MAX);
    size_t n = 0;
    char *rest = scope_strdup(c->s, config->oidc_roles);
    for (char *pair; (pair = strsep(&rest, " ")) && n < ROLES_MAX;) {
        char *equals = strrchr(pair, '=');
        if (equals && shape_one_of(staff_roles, equals + 1) &&
            has_value(claim, pair, (size_t)(equals - pair)))
            at[n++] = equals + 1;
    }
    return (struct texts){.at = at, .n = n};
}

struct entry {
    const json_t *claims;
    const char *subject, *email; /* email: verified, or NULL */
    struct texts roles;
    bool mapped; /* the provider's groups determine the roles */
    struct known person;
};

static const char *verified_email(const json_t *claims)
{
    bool verified = json_is_true(json_object_get(claims, "email_verified"));
    return verified ? json_get_text(claims, "email") : NULL;
}

/* Adds a new person to whom the provider grants a role. */
static enum rc create(struct scope *s, struct db *db, struct entry *entry)
{
    if (!entry->mapped || !entry->email)
        return fail(s, RC_DENIED, "no person here has this account or its verified e-mail address");
    STRBUF(login, 128);
    for (const char *at = entry->email; *at; at++)
        strbuf_addch(&login, *at >= 'A' && *at <= 'Z' ? (char)(*at + 32) : *at);
    const char *name = json_get_text(entry->claims, "name");
    const struct new_staff new = {.login = strbuf_copy(&login, s),
        .name = name && *name ? name : entry->email,
        .email = entry->email,
        .roles = entry->roles};
    TRY(staff_add(s, db, &new, &entry->person.id));
    entry->person.login = new.login;
    TRY(staff_record(s, db, "oidc", "staff.create", entry->person.id, NULL));
    return db_do(
        s, db, &oidc_set_subject, PARAMS(P_INT(entry->person.id), P_TEXT(entry->subject)), NULL);
}

static enum rc find(struct scope *s, struct db *db, struct entry *entry)
{
    enum rc rc = db_one(s, db, &oidc_by_subject, PARAMS(P_TEXT(entry->subject)), &entry->person);
    if (rc == RC_NOT_FOUND && entry->email)
        rc = db_one(s, db, &oidc_bind, PARAMS(P_TEXT(entry->subject), P_TEXT(entry->email)),
            &entry->person);
    return rc == RC_NOT_FOUND ? create(s, db, entry) : rc;
}

static enum rc set_roles(struct scope *s, struct db *db, const struct entry *entry)
{
    int64_t n;
    TRY(db_do(
        s, db, &oidc_set_roles, PARAMS(P_INT(entry->person.id), P_TEXTS(s, &entry->roles)), &n));
    if (!n)
        return RC_OK;
    json_t *roles = json_array();
    for (size_t i = 0; i < entry->roles.n; i++)
        json_array_append_new(roles, json_string(entry->roles.at[i]));
    json_t *detail = json_own(s, json_pack("{s:o}", "roles", roles));
    return staff_record(s, db, "oidc", "staff.change", entry->person.id, json_text(s, detail));
}

static enum rc enter(struct scope *s, struct db *db, void *arg)
{
    struct entry *entry = arg;
    entry->person = (struct known){0};
    if (entry->mapped && !entry->roles.n)
        return fail(s, RC_DENIED, "none of the groups of this account has a role here");
    TRY(find(s, db, entry));
    if (entry->person.disabled)
        return fail(s, RC_DENIED, "this person is disabled");
    if (entry->mapped)
        TRY(set_roles(s, db, entry));
    return audit_add(s, db, scope_printf(s, "staff:%s", entry->person.login), "staff.sign_in",
        scope_printf(s, "staff:%lld", (long long)entry->person.id), "{\"by\":\"oidc\"}");
}

/* Shown to the person and logged, so that both the person and the operator see the reason. */
static enum rc refused(struct call *c)
{
    const char *why = scope_strdup(c->s, c->s->fault.message);
    log_event(LOG_WARN, "a sign-in by OpenID Connect was refused", LOG_TEXT("reason", why));
    return refuse(c, 403, "Your organisation's sign-in was not accepted: \"%s\".", why);
}

enum rc console_oidc_callback(struct call *c)
{
    struct form form;
    struct sign_in in = {0};
    struct entry entry = {.mapped = *c->api->config->oidc_roles_claim};
    TRY(check_open(c));
    TRY(form_read(c, &form));
    TRY(take(c, &form, &in));
    if (!form_text(&form, "code", NULL))
        return refuse(c, 403, "Your organisation cancelled or refused the sign-in.");
    enum rc rc = claims_of(c, &in, form_text(&form, "code", ""), &entry.claims);
    if (rc == RC_OK) {
        entry.subject = scope_printf(
            c->s, "%s %s", c->api->config->oidc_issuer, json_get_text(entry.claims, "sub"));
        entry.email = verified_email(entry.claims);
        entry.roles = roles_of(c, entry.claims);
        rc = db_txn(c->s, c->db, enter, &entry);
        auth_forget(); /* the provider may have changed the roles */
    }
    if (rc == RC_DENIED)
        return refused(c);
    TRY(rc);
    TRY(staff_begin(c, entry.person.id));
    return session_see_other(c, in.next);
}
