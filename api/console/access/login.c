/* /staff/login, /staff/logout: signing in and out of the console. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/readers/reader.h"
#include "api/call/session.h"
#include "api/console/access/access.h"
#include "api/access/oidc_provider.h"
#include "api/access/factor.h"
#include "api/access/password.h"
#include "api/access/staff.h"
#include "api/access/throttle.h"
#include "core/clock.h"
#include "core/json.h"

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

STMT(staff_credentials,
    "SELECT id, login, password_hash, encode(totp_secret, 'hex') AS totp_secret, totp_step"
    "  FROM staff WHERE login = $1 AND disabled_at IS NULL",
    .row = &credentials_shape);
STMT(staff_session_end, "DELETE FROM staff_session WHERE token_hash = $1::bytea");
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
    json_object_set_new(context, "chosen", json_boolean(form_get(form, "chosen") && !*wrong));
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

static enum rc check(struct call *c, const struct form *form, int64_t *ret_id)
{
    struct credentials person = {0};
    const char *login = form_text(form, "login", "");
    enum rc rc = db_one(c->s, c->db, &staff_credentials, PARAMS(P_TEXT(login)), &person);
    if (rc != RC_NOT_FOUND)
        TRY(rc);
    bool good = password_matches(person.password_hash, form_text(form, "password", ""));
    if (good) {
        const struct factor factor = {.staff_id = person.id,
            .login = person.login,
            .totp_secret = person.totp_secret,
            .totp_step = person.totp_step};
        TRY(factor_take(c, &factor, form_text(form, "code", ""), &good));
    }
    *ret_id = good ? person.id : 0;
    return RC_OK;
}

enum rc console_login_post(struct call *c)
{
    struct form form;
    struct throttle attempt;
    int64_t id = 0;
    bool often;
    TRY(session_check_origin(c));
    TRY(form_read(c, &form));
    const char *login = form_text(&form, "login", "");
    TRY(throttle_begin(c, login, &attempt, &often));
    if (often)
        return show(c, &form, "often");
    TRY(check(c, &form, &id));
    if (!id)
        return show(c, &form, "wrong");
    TRY(throttle_forget(c, &attempt));
    TRY(staff_begin(c, id));
    throttle_know(c, login);
    TRY(audit_add(c->s, c->db, scope_printf(c->s, "staff:%s", login), "staff.sign_in",
        scope_printf(c->s, "staff:%lld", (long long)id), NULL));
    return session_see_other(c, staff_next(&form));
}

enum rc console_logout_post(struct call *c)
{
    unsigned char hash[SIGN_HASH];
    session_hash(c->staff->session, hash);
    TRY(db_do(c->s, c->db, &staff_session_end, PARAMS(P_BYTES(hash, sizeof(hash))), NULL));
    session_set(c, STAFF_COOKIE, "", 0);
    return session_see_other(c, "/staff/login");
}
