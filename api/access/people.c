/* People with access to the console: GET POST /v1/staff, PATCH /v1/staff/{id}, POST
 * /v1/staff/{id}/invitation. */
#include <ctype.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/access/access.h"
#include "api/call/session.h"
#include "api/access/staff.h"
#include "core/mail/mailaddr.h"

SHAPE_EXTERN(struct person, person_shape, "Staff",
    FIELD(INT, id, .required = true, .doc = "Id of the person."),
    FIELD(TEXT, login, .required = true, .doc = "Login name."),
    FIELD(TEXT, name, .required = true, .doc = "Display name."),
    FIELD(TEXT, email, .doc = "Address for alerts and tests."),
    FIELD(TEXTS, roles, .required = true, .one_of = staff_roles, .doc = "Roles."),
    FIELD(BOOL, password, .doc = "Whether a password is set."),
    FIELD(BOOL, totp, .doc = "Whether signing in requires a one-time code."),
    FIELD(BOOL, oidc, .doc = "Whether they have signed in by OpenID Connect."),
    FIELD(BOOL, disabled, .doc = "Whether access is disabled."),
    FIELD(TIME, created_at, .doc = "Creation time."),
    FIELD(TIME, seen_at, .doc = "Time of the last sign-in."));

const struct shape new_staff_shape = SHAPE("StaffCreate", struct new_staff,
    FIELD(TEXT, login, .required = true, .min = 1, .max = 100,
        .doc = "Lower-case letters, digits and . _ - @ +; cannot be changed."),
    FIELD(TEXT, name, .min = 1, .max = 200, .doc = "Display name; default: the login."),
    FIELD(TEXT, email, .max = 254, .doc = "Address for alerts and tests."),
    FIELD(TEXTS, roles, .required = true, .min = 1, .max = 5, .one_of = staff_roles,
        .doc = "viewer reads; responder posts; billing runs credits; approver approves them; "
               "admin manages everything."));

static const char *const accesses[] = {"enabled", "disabled", NULL};
SHAPE_EXTERN(struct staff_change, staff_change_shape, "StaffChange",
    FIELD(TEXT, name, .min = 1, .max = 200, .doc = "New name."),
    FIELD(TEXT, email, .max = 254, .doc = "New address."),
    FIELD(TEXTS, roles, .min = 1, .max = 5, .one_of = staff_roles, .doc = "All their roles."),
    FIELD(TEXT, access, .one_of = accesses,
        .doc = "true: disable access and end their sessions and keys at once."),
    FIELD(BOOL, drop_totp,
        .doc = "true: remove their second factor, for example after the loss of a phone."));

SHAPE_EXTERN(struct staff_invitation, staff_invitation_shape, "StaffInvitation",
    FIELD(TEXT, url, .required = true,
        .doc = "Path of the page to choose a password; works once, within three days."));

#define PERSON_SELECT \
    "SELECT id, login, name, email, roles, password_hash IS NOT NULL AS password," \
    "       totp_secret IS NOT NULL AS totp, oidc_subject IS NOT NULL AS oidc," \
    "       disabled_at IS NOT NULL AS disabled, created_at, seen_at FROM staff "

STMT(staff_all, PERSON_SELECT "ORDER BY login", .row = &person_shape);
STMT(staff_get, PERSON_SELECT "WHERE id = $1", .row = &person_shape);
STMT(staff_insert, "SELECT amends.staff_create($1, $2, $3, $4::text[]) AS id", .row = &row_int);
STMT(staff_update, "UPDATE staff SET name = coalesce($2, name), email = coalesce($3, email),"
                   "       roles = coalesce($4::text[], roles),"
                   "       disabled_at = CASE $5 WHEN 'disabled' THEN coalesce(disabled_at, now())"
                   "                             WHEN 'enabled' THEN NULL ELSE disabled_at END,"
                   "       totp_secret = CASE WHEN $6::bool THEN NULL ELSE totp_secret END"
                   " WHERE id = $1");
STMT(staff_end_sessions, "DELETE FROM staff_session WHERE staff_id = $1");
STMT(staff_end_keys, "UPDATE api_key SET revoked_at = now()"
                     " WHERE staff_id = $1 AND secret_sha256 IS NOT NULL AND revoked_at IS NULL");
STMT(staff_invitation_add,
    "INSERT INTO staff_invitation (token_hash, staff_id) VALUES ($1::bytea, $2)");

static enum rc check_login(struct scope *s, const char *login)
{
    for (const char *at = login; *at; at++)
        if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at) &&
            (at == login || !strchr("._-@+", *at)))
            return fail_field(s, RC_INVALID, "login",
                "must be lower-case letters, digits and . _ - @ +, and begin with one of the "
                "first two");
    return RC_OK;
}

static enum rc check_email(struct scope *s, const char *email)
{
    char *normalised;
    if (email && mailaddr_normalise(s, email, &normalised) != RC_OK)
        return fail_field(s, RC_INVALID, "email", "is not an e-mail address");
    return RC_OK;
}

enum rc staff_add(struct scope *s, struct db *db, const struct new_staff *in, int64_t *ret_id)
{
    TRY(check_login(s, in->login));
    TRY(check_email(s, in->email));
    enum rc rc = db_one(s, db, &staff_insert,
        PARAMS(P_TEXT(in->login), P_TEXT(in->name ? in->name : in->login), P_TEXT(in->email),
            P_TEXTS(s, &in->roles)),
        ret_id);
    return rc == RC_CONFLICT
               ? fail_field(s, RC_CONFLICT, "login", "\"%s\" exists already", in->login)
               : rc;
}

enum rc staff_invite(struct scope *s, struct db *db, int64_t id, const char **ret_path)
{
    unsigned char hash[SIGN_HASH];
    const char *token = session_new_token(s);
    session_hash(token, hash);
    TRY(db_do(s, db, &staff_invitation_add, PARAMS(P_BYTES(hash, sizeof(hash)), P_INT(id)), NULL));
    *ret_path = scope_printf(s, "/staff/welcome/%s", token);
    return RC_OK;
}

static const char *object(struct scope *s, int64_t id)
{
    return scope_printf(s, "staff:%lld", (long long)id);
}

static enum rc reply_person(struct call *c, int64_t id)
{
    struct person row;
    TRY(db_one(c->s, c->db, &staff_get, PARAMS(P_INT(id)), &row));
    return reply_object(c, &row);
}

enum rc staff_list(struct call *c)
{
    struct list rows;
    TRY(db_all(c->s, c->db, &staff_all, NO_PARAMS, &rows));
    return reply_list(c, rows, NULL);
}

struct staff_work {
    struct call *c;
    int64_t id;
};

static enum rc add_person(struct scope *s, struct db *db, void *arg)
{
    struct staff_work *work = arg;
    TRY(staff_add(s, db, work->c->body, &work->id));
    return audit_add(s, db, call_actor(work->c), "staff.create", object(s, work->id), NULL);
}

enum rc staff_post(struct call *c)
{
    struct staff_work work = {.c = c};
    TRY(db_txn(c->s, c->db, add_person, &work));
    return reply_person(c, work.id);
}

static enum rc change_person(struct scope *s, struct db *db, void *arg)
{
    struct staff_work *work = arg;
    const struct staff_change *in = work->c->body;
    struct param id = P_INT(work->id);
    int64_t n;
    TRY(db_do(s, db, &staff_update,
        PARAMS(id, P_TEXT(in->name), P_TEXT(in->email), P_TEXTS(s, &in->roles), P_TEXT(in->access),
            P_BOOL(in->drop_totp)),
        &n));
    if (!n)
        return fail(s, RC_NOT_FOUND, "no person %lld", (long long)work->id);
    if (in->access && !strcmp(in->access, "disabled")) {
        TRY(db_do(s, db, &staff_end_sessions, PARAMS(id), NULL));
        TRY(db_do(s, db, &staff_end_keys, PARAMS(id), NULL));
    }
    return audit_add(s, db, call_actor(work->c), "staff.change", object(s, work->id),
        scope_strndup(s, work->c->request->body, work->c->request->len));
}

enum rc staff_patch(struct call *c)
{
    const struct staff_change *in = c->body;
    struct staff_work work = {.c = c};
    TRY(call_id(c, 0, &work.id));
    TRY(check_email(c->s, in->email));
    TRY(db_txn(c->s, c->db, change_person, &work));
    return reply_person(c, work.id);
}

enum rc staff_invitation_post(struct call *c)
{
    struct person row;
    int64_t id = 0;
    const char *path;
    TRY(call_id(c, 0, &id));
    TRY(db_one(c->s, c->db, &staff_get, PARAMS(P_INT(id)), &row));
    TRY(staff_invite(c->s, c->db, id, &path));
    TRY(audit_add(c->s, c->db, call_actor(c), "staff.invite", object(c->s, id), NULL));
    struct staff_invitation reply = {.url = scope_printf(c->s, "%s%s", c->api->public_url, path)};
    return reply_object(c, &reply);
}
