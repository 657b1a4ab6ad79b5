/* /staff/login, /staff/logout, /staff/welcome/{token}: signing in and out of the console. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/readers/reader.h"
#include "api/call/session.h"
#include "api/console/access/access.h"
#include "api/access/oidc_provider.h"
#include "api/access/password.h"
#include "api/access/staff.h"
#include "core/clock.h"
#include "core/json.h"

enum { FAILURES_LOGIN = 5, FAILURES_PEER = 20 };

struct credentials {
    int64_t id;
    const char *login;
    const char *password_hash;
    const char *totp_secret; /* hex, sealed */
    int64_t totp_step;
};
static const struct shape credentials_shape = SHAPE("StaffCredentials", struct credentials,
    FIELD(INT, id), FIELD(TEXT, login), FIELD(TEXT, password_hash, .secret = true),
    FIELD(TEXT, totp_secret, .secret = true), FIELD(INT, totp_step));

SHAPE_STATIC(struct attempts, attempts_shape, "StaffAttempts", FIELD(INT, login), FIELD(INT, peer));

STMT(staff_credentials,
    "SELECT id, login, password_hash, encode(totp_secret, 'hex') AS totp_secret, totp_step"
    "  FROM staff WHERE login = $1 AND disabled_at IS NULL",
    .row = &credentials_shape);
STMT(staff_attempts,
    "SELECT count(*) FILTER (WHERE login_hash = $1::bytea) AS login,"
    "       count(*) FILTER (WHERE peer_hash = $2::bytea) AS peer"
    "  FROM staff_attempt WHERE at > now() - interval '15 minutes'",
    .row = &attempts_shape);
STMT(staff_attempt_add,
    "INSERT INTO staff_attempt (login_hash, peer_hash) VALUES ($1::bytea, $2::bytea)");
STMT(staff_attempt_forget, "DELETE FROM staff_attempt WHERE login_hash = $1::bytea");
STMT(staff_code_take, "UPDATE staff SET totp_step = $2 WHERE id = $1 AND totp_step < $2");
STMT(staff_session_end, "DELETE FROM staff_session WHERE token_hash = $1::bytea");
STMT(staff_invitation_find,
    "SELECT p.id, p.login, NULL::text AS password_hash, NULL::text AS totp_secret, p.totp_step"
    "  FROM staff_invitation v JOIN staff p ON p.id = v.staff_id"
    " WHERE v.token_hash = $1::bytea AND v.expires_at > now() AND p.disabled_at IS NULL",
    .row = &credentials_shape);
/* A new person gets the console in the language of the browser. */
STMT(staff_invitation_take,
    "WITH taken AS (DELETE FROM staff_invitation WHERE token_hash = $1::bytea RETURNING staff_id)"
    " UPDATE staff SET password_hash = $2,"
    "   locale = CASE WHEN password_hash IS NULL THEN $3 ELSE locale END"
    "  FROM taken WHERE id = taken.staff_id"
    " RETURNING id",
    .row = &row_int);

/* Only redirects to pages of the console. */
const char *staff_next(const struct form *form)
{
    const char *next = form_text(form, "next", "/staff");
    bool ours = !strncmp(next, "/staff", 6) && strchr("/?", next[6]);
    return ours && !strpbrk(next, "\\\r\n") ? next : "/staff";
}

static enum rc show(struct call *c, const struct form *form, const char *wrong)
{
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "next", json_string(staff_next(form)));
    json_object_set_new(context, "login", json_string(form_text(form, "login", "")));
    json_object_set_new(context, "oidc",
        oidc_is_open(c->api->config) ? json_string(console_escaped(c, staff_next(form)))
                                     : json_null());
    json_object_set_new(context, "wrong", json_boolean(!strcmp(wrong, "wrong")));
    json_object_set_new(context, "often", json_boolean(!strcmp(wrong, "often")));
    if (*wrong)
        c->reply.status = !strcmp(wrong, "often") ? 429 : 403;
    return console_reply(c, "login", context);
}

enum rc console_login(struct call *c)
{
    struct form form;
    TRY(form_read(c, &form));
    return show(c, &form, "");
}

/* Accepts a code that is correct and unused. */
static enum rc take_code(
    struct call *c, const struct credentials *person, const char *code, bool *ret_good)
{
    if (!person->totp_secret) {
        *ret_good = true;
        return RC_OK;
    }
    *ret_good = false;
    size_t len;
    const unsigned char *secret;
    TRY(totp_open(c->s, c->api->keys, person->id, person->totp_secret, &secret, &len));
    int64_t step = totp_step(secret, len, code, person->totp_step), n = 0;
    if (step > 0)
        TRY(db_do(c->s, c->db, &staff_code_take, PARAMS(P_INT(person->id), P_INT(step)), &n));
    *ret_good = n;
    return RC_OK;
}

static enum rc check(struct call *c, const struct form *form, int64_t *ret_id)
{
    struct credentials person = {0};
    const char *login = form_text(form, "login", "");
    enum rc rc = db_one(c->s, c->db, &staff_credentials, PARAMS(P_TEXT(login)), &person);
    if (rc != RC_NOT_FOUND)
        TRY(rc);
    bool good = password_matches(person.password_hash, form_text(form, "password", ""));
    if (good)
        TRY(take_code(c, &person, form_text(form, "code", ""), &good));
    *ret_id = good ? person.id : 0;
    return RC_OK;
}

static enum rc sign_in(struct call *c, const struct form *form, struct param login)
{
    int64_t id = 0;
    unsigned char peer[SIGN_HASH];
    sign_address_hash(c->api->keys, "peer", c->request->network, peer);
    struct param peer_hash = P_BYTES(peer, sizeof(peer));
    struct attempts failed;
    TRY(db_one(c->s, c->db, &staff_attempts, PARAMS(login, peer_hash), &failed));
    if (failed.login >= FAILURES_LOGIN || failed.peer >= FAILURES_PEER)
        return show(c, form, "often");
    TRY(check(c, form, &id));
    const char *who = form_text(form, "login", "");
    if (!id) {
        TRY(db_do(c->s, c->db, &staff_attempt_add, PARAMS(login, peer_hash), NULL));
        return show(c, form, "wrong");
    }
    TRY(db_do(c->s, c->db, &staff_attempt_forget, PARAMS(login), NULL));
    TRY(staff_begin(c, id));
    TRY(audit_add(c->s, c->db, scope_printf(c->s, "staff:%s", who), "staff.sign_in",
        scope_printf(c->s, "staff:%lld", (long long)id), NULL));
    return session_see_other(c, staff_next(form));
}

enum rc console_login_post(struct call *c)
{
    struct form form;
    unsigned char hash[SIGN_HASH];
    TRY(session_check_origin(c));
    TRY(form_read(c, &form));
    sign_address_hash(c->api->keys, "login", form_text(&form, "login", ""), hash);
    return sign_in(c, &form, P_BYTES(hash, sizeof(hash)));
}

enum rc console_logout_post(struct call *c)
{
    unsigned char hash[SIGN_HASH];
    session_hash(c->staff->session, hash);
    TRY(db_do(c->s, c->db, &staff_session_end, PARAMS(P_BYTES(hash, sizeof(hash))), NULL));
    session_set(c, STAFF_COOKIE, "", 0);
    return session_see_other(c, "/staff/login");
}

static enum rc show_welcome(struct call *c, bool wrong)
{
    unsigned char hash[SIGN_HASH];
    struct credentials person;
    session_hash(c->param[0], hash);
    TRY(IF_NONE(
        db_one(c->s, c->db, &staff_invitation_find, PARAMS(P_BYTES(hash, sizeof(hash))), &person),
        refuse(c, 404, "This link has expired or was already used. Ask for a new one.")));
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "login", json_string(person.login));
    json_object_set_new(
        context, "action", json_string(scope_printf(c->s, "/staff/welcome/%s", c->param[0])));
    json_object_set_new(context, "wrong", json_boolean(wrong));
    c->reply.status = wrong ? 422 : 200;
    return console_reply(c, "welcome", context);
}

enum rc console_welcome(struct call *c)
{
    return show_welcome(c, false);
}

enum rc console_welcome_post(struct call *c)
{
    struct form form;
    int64_t id;
    unsigned char hash[SIGN_HASH];
    const char *password;
    TRY(session_check_origin(c));
    TRY(form_read(c, &form));
    if (password_hash(c->s, form_text(&form, "password", ""), &password) != RC_OK)
        return show_welcome(c, true);
    session_hash(c->param[0], hash);
    TRY(IF_NONE(
        db_one(c->s, c->db, &staff_invitation_take,
            PARAMS(P_BYTES(hash, sizeof(hash)), P_TEXT(password), P_TEXT(console_locale(c))), &id),
        refuse(c, 404, "This link has expired or was already used. Ask for a new one.")));
    TRY(staff_begin(c, id));
    return session_see_other(c, "/staff");
}
