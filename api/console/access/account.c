/* /staff/account: own name, language, time zone, password and second factor. */
#include <string.h>

#include "api/call/locale.h"
#include "api/call/audit_log.h"
#include "api/subscribers/address.h"
#include "api/http/language.h"
#include "api/readers/reader.h"
#include "api/call/session.h"
#include "api/console/access/access.h"
#include "api/access/factor.h"
#include "api/access/password.h"
#include "api/access/qr.h"
#include "api/access/staff.h"
#include "api/access/throttle.h"
#include "api/slack/link.h"
#include "core/utf8.h"
#include "core/json.h"
#include "templates/label.h"

enum { PICTURE_MAX = 256 * 1024 };

struct secrets {
    const char *password_hash;
    const char *totp_secret;  /* hex, sealed */
    const char *totp_pending; /* hex, sealed */
    int64_t totp_step;
};
static const struct shape secrets_shape = SHAPE("StaffSecrets", struct secrets,
    FIELD(TEXT, password_hash, .secret = true), FIELD(TEXT, totp_secret, .secret = true),
    FIELD(TEXT, totp_pending, .secret = true), FIELD(INT, totp_step));

STMT(account_secrets,
    "SELECT password_hash, encode(totp_secret, 'hex') AS totp_secret,"
    "       encode(totp_pending, 'hex') AS totp_pending, totp_step"
    "  FROM staff WHERE id = $1",
    .row = &secrets_shape);
STMT(account_save, "UPDATE staff SET name = $2, locale = $3, timezone = $4, phone = $5,"
                   " phone_hash = $6::bytea, alerts = $7::text[] WHERE id = $1");
STMT(account_password, "UPDATE staff SET password_hash = $2 WHERE id = $1");
STMT(account_totp_offer, "UPDATE staff SET totp_pending = $2::bytea WHERE id = $1");
STMT(account_totp_take, "UPDATE staff SET totp_secret = totp_pending, totp_pending = NULL,"
                        " totp_step = $2 WHERE id = $1 AND totp_pending IS NOT NULL");
STMT(account_totp_drop, "UPDATE staff SET totp_secret = NULL, totp_pending = NULL WHERE id = $1");
STMT(account_end_codes, "DELETE FROM staff_recovery_code WHERE staff_id = $1");
STMT(account_end_others,
    "WITH links AS (DELETE FROM staff_invitation WHERE staff_id = $1)"
    " DELETE FROM staff_session WHERE staff_id = $1 AND token_hash <> $2::bytea");

/* The message on the page after an action or its refusal. */
struct shown {
    const char *word;    /* of the set: "saved", "wrong_password" */
    const char *secret;  /* base32, while a second factor is set up */
    const json_t *codes; /* new recovery codes, shown once */
    json_t *problem;     /* with what was saved, or NULL */
};

/* The field that a word is about, and what it says of it. */
static const struct {
    const char *word, *field, *label;
} wrongs[] = {{"wrong_password", "old", "password_wrong"},
    {"wrong_new", "password", "password_rule"}, {"wrong_code", "code", "code_wrong"}};

static void put_wrong(struct call *c, const char *word, json_t *context)
{
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++)
        if (!strcmp(wrongs[i].word, word))
            console_put_error(c, context, wrongs[i].field, wrongs[i].label);
}

static bool hears_by(const struct call *c, const char *channel)
{
    for (size_t i = 0; i < c->staff->alerts.n; i++)
        if (!strcmp(c->staff->alerts.at[i], channel))
            return true;
    return false;
}

static enum rc show(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object()), *locales = json_array();
    for (const struct language *l = languages; l->tag; l++)
        json_array_append_new(locales, json_pack("{s:s, s:s, s:b}", "tag", l->tag, "name", l->name,
                                           "selected", !strcmp(c->staff->locale, l->tag)));
    json_object_set_new(context, "locales", locales);
    json_object_set_new(context, "phone", json_string(c->staff->phone ? c->staff->phone : ""));
    json_object_set_new(context, "sms_open", json_boolean(*c->api->config->sms_provider != '\0'));
    json_object_set_new(context, "by_email", json_boolean(hears_by(c, "email")));
    json_object_set_new(context, "by_sms", json_boolean(hears_by(c, "sms")));
    int64_t left = 0;
    TRY(factor_codes_left(c, c->staff->id, &left));
    struct list links;
    TRY(slack_link_of(c, c->staff->id, &links));
    access_put_slack(c, &links, context);
    bool totp = c->staff->totp || shown.codes;
    json_object_set_new(context, "totp", json_boolean(totp));
    json_object_set_new(
        context, "codes", shown.codes ? json_copy((json_t *)shown.codes) : json_array());
    json_object_set_new(context, "codes_shown", json_boolean(shown.codes));
    json_object_set_new(context, "has_password", json_boolean(c->staff->password));
    json_object_set_new(context, "left", json_integer(left));
    json_object_set_new(context, "few", json_boolean(totp && left <= RECOVERY_FEW));
    json_object_set_new(context, "secret", shown.secret ? json_string(shown.secret) : json_null());
    json_object_set_new(context, "uri",
        json_string(scope_printf(c->s, "otpauth://totp/%s?secret=%s&issuer=Amends", c->staff->login,
            shown.secret ? shown.secret : "")));
    STRBUF(picture, PICTURE_MAX);
    if (shown.secret)
        qr_svg(json_get_text(context, "uri"),
            label_text(c->s, console_locale(c), "staff", "totp_picture"), &picture);
    json_object_set_new(context, "picture", json_string(strbuf_copy(&picture, c->s)));
    bool wrong = shown.word && !strncmp(shown.word, "wrong", 5);
    json_object_set_new(context, "saved", json_boolean(shown.word && !wrong));
    json_object_set_new(
        context, "wrong_often", json_boolean(wrong && !strcmp(shown.word, "wrong_often")));
    if (wrong)
        put_wrong(c, shown.word, context);
    console_put_problem(c, context, shown.problem);
    if (wrong || shown.problem)
        c->reply.status = 422;
    return console_reply(c, "account", context);
}

static struct param me(const struct call *c)
{
    return param_int(c->staff->id);
}

static enum rc record(struct call *c, const char *action)
{
    TRY(audit_add(c->s, c->db, call_actor(c), action,
        scope_printf(c->s, "staff:%lld", (long long)c->staff->id), NULL));
    return console_go(c, "/staff/account?saved=1");
}

static enum rc new_codes(struct call *c, const char *action)
{
    const json_t *codes;
    TRY(factor_new_codes(c, c->staff->id, &codes));
    TRY(audit_add(c->s, c->db, call_actor(c), action,
        scope_printf(c->s, "staff:%lld", (long long)c->staff->id), NULL));
    return show(c, (struct shown){.codes = codes});
}

static enum rc check_phone(struct call *c, const char *typed, struct address *ret)
{
    SCOPE(inner);
    if (address_check(inner, c->api, "sms", typed, ret) != RC_OK)
        return fail_field(c->s, RC_INVALID, "phone", "%s", inner->fault.message);
    return address_check(c->s, c->api, "sms", typed, ret);
}

static enum rc check_alerts(struct call *c, const struct texts *alerts)
{
    for (size_t i = 0; i < alerts->n; i++)
        if (strcmp(alerts->at[i], "email") != 0 && strcmp(alerts->at[i], "sms") != 0)
            return fail_field(c->s, RC_INVALID, "alert", "must be email or sms");
    return RC_OK;
}

/* All that is wrong with the profile as typed. */
static enum rc check(struct call *c, const char *name, struct texts *alerts, struct address *phone)
{
    enum rc rc[4] = {RC_OK};
    fail_gather(c->s, true);
    if (utf8_count(name) > 200)
        rc[0] = fail_field(c->s, RC_INVALID, "name", "has more than 200 bytes");
    rc[1] = locale_check(
        c->s, form_text(c->form, "locale", "en"), form_text(c->form, "timezone", "UTC"));
    if (*form_text(c->form, "phone", ""))
        rc[2] = check_phone(c, form_text(c->form, "phone", ""), phone);
    rc[3] = check_alerts(c, alerts);
    fail_gather(c->s, false);
    for (size_t i = 0; i < sizeof(rc) / sizeof(rc[0]); i++)
        TRY(rc[i]);
    return RC_OK;
}

static enum rc save(struct call *c)
{
    const char *name = form_text(c->form, "name", c->staff->name);
    const char *locale = form_text(c->form, "locale", "en");
    const char *zone = form_text(c->form, "timezone", "UTC");
    struct address phone = {0};
    struct texts alerts = console_values(c, "alert");
    enum rc rc = check(c, name, &alerts, &phone);
    if (rc == RC_INVALID)
        return show(c, (struct shown){.problem = console_fault(c)});
    TRY(rc);
    TRY(db_do(c->s, c->db, &account_save,
        PARAMS(me(c), P_TEXT(name), P_TEXT(locale), P_TEXT(zone), P_TEXT(phone.normal),
            P_BYTES(phone.normal ? phone.hash : NULL, SIGN_HASH), P_TEXTS(c->s, &alerts)),
        NULL));
    return record(c, "staff.profile");
}

/* Whether the form proves the person anew, against a session that somebody else holds: by the
 * password, or by a code of the present second factor. Guesses are limited as at the sign-in. */
static enum rc prove(struct call *c, const struct secrets *secrets, const char **ret_wrong)
{
    const struct factor factor = {.staff_id = c->staff->id,
        .login = c->staff->login,
        .totp_secret = secrets->totp_secret,
        .totp_step = secrets->totp_step};
    struct throttle attempt;
    bool often, good;
    TRY(throttle_begin(c, c->staff->login, &attempt, &often));
    *ret_wrong = "wrong_often";
    if (often)
        return RC_OK;
    good = password_matches(secrets->password_hash, form_text(c->form, "old", ""));
    if (!good && secrets->totp_secret)
        TRY(factor_take(c, &factor, form_text(c->form, "old", ""), &good));
    *ret_wrong = good ? NULL : "wrong_password";
    return good ? throttle_forget(c, &attempt) : RC_OK;
}

/* A new password ends all other sessions and links, also those of an attacker who knows the old
 * one. */
static enum rc change_password(struct call *c, const struct secrets *secrets)
{
    unsigned char hash[SIGN_HASH];
    const char *password, *wrong;
    const struct secrets no_code = {.password_hash = secrets->password_hash};
    TRY(prove(c, &no_code, &wrong));
    if (wrong)
        return show(c, (struct shown){.word = wrong});
    if (password_hash(c->s, form_text(c->form, "password", ""), &password) != RC_OK)
        return show(c, (struct shown){.word = "wrong_new"});
    session_hash(c->staff->session, hash);
    TRY(db_do(c->s, c->db, &account_password, PARAMS(me(c), P_TEXT(password)), NULL));
    TRY(db_do(c->s, c->db, &account_end_others, PARAMS(me(c), P_BYTES(hash, sizeof(hash))), NULL));
    return record(c, "staff.password");
}

static enum rc offer_totp(struct call *c, const struct secrets *secrets)
{
    const char *wrong;
    TRY(prove(c, secrets, &wrong));
    if (wrong)
        return show(c, (struct shown){.word = wrong});
    unsigned char secret[TOTP_SECRET], *sealed;
    size_t len;
    const char *base32 = totp_new(c->s, secret);
    totp_seal(c->s, c->api->keys, c->staff->id, secret, &sealed, &len);
    TRY(db_do(c->s, c->db, &account_totp_offer, PARAMS(me(c), P_BYTES(sealed, len)), NULL));
    return show(c, (struct shown){.secret = base32});
}

static enum rc take_totp(struct call *c, const struct secrets *secrets)
{
    size_t len;
    const unsigned char *secret;
    int64_t step = -1, n = 0;
    if (secrets->totp_pending) {
        TRY(totp_open(c->s, c->api->keys, c->staff->id, secrets->totp_pending, &secret, &len));
        step = totp_step(secret, len, form_text(c->form, "code", ""), 0);
    }
    if (step > 0)
        TRY(db_do(c->s, c->db, &account_totp_take, PARAMS(me(c), P_INT(step)), &n));
    if (!n)
        return show(c, (struct shown){.word = "wrong_code"});
    return new_codes(c, "staff.totp");
}

static enum rc renew_codes(struct call *c, const struct secrets *secrets)
{
    const char *wrong;
    TRY(prove(c, secrets, &wrong));
    if (wrong || !secrets->totp_secret)
        return show(c, (struct shown){.word = wrong ? wrong : "wrong_code"});
    return new_codes(c, "staff.recovery_codes");
}

static enum rc drop_totp(struct call *c, const struct secrets *secrets)
{
    const char *wrong;
    TRY(prove(c, secrets, &wrong));
    if (wrong)
        return show(c, (struct shown){.word = wrong});
    TRY(db_do(c->s, c->db, &account_totp_drop, PARAMS(me(c)), NULL));
    TRY(db_do(c->s, c->db, &account_end_codes, PARAMS(me(c)), NULL));
    return record(c, "staff.totp_drop");
}

enum rc console_account(struct call *c)
{
    struct form form;
    TRY(form_read(c, &form));
    return show(c, (struct shown){.word = form_get(&form, "saved") ? "saved" : NULL});
}

enum rc console_account_post(struct call *c)
{
    struct secrets secrets;
    const char *act = form_text(c->form, "do", "save");
    TRY(db_one(c->s, c->db, &account_secrets, PARAMS(me(c)), &secrets));
    if (!strcmp(act, "password"))
        return change_password(c, &secrets);
    if (!strcmp(act, "offer"))
        return offer_totp(c, &secrets);
    if (!strcmp(act, "totp"))
        return take_totp(c, &secrets);
    if (!strcmp(act, "codes"))
        return renew_codes(c, &secrets);
    if (!strcmp(act, "drop"))
        return drop_totp(c, &secrets);
    return save(c);
}
