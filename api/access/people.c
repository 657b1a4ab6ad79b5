/* People with access to the console: GET POST /v1/staff, PATCH /v1/staff/{id}, POST
 * /v1/staff/{id}/invitation. */
#include <ctype.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/list_page.h"
#include "api/access/access.h"
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
    FIELD(INT, recovery_codes, .doc = "How many recovery codes they have left."),
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
        .doc = "disabled: end their sessions, links and keys at once."),
    FIELD(BOOL, drop_totp,
        .doc =
            "true: remove their second factor and recovery codes, for example after the loss of a "
            "phone."));

SHAPE_EXTERN(struct staff_invitation, staff_invitation_shape, "StaffInvitation",
    FIELD(TEXT, sent_to, .required = true,
        .doc = "The person's address, to which alone the link goes. It works once, within three "
               "days, and ends their earlier links."));

#define PERSON_SELECT \
    "SELECT id, login, name, email, roles, password_hash IS NOT NULL AS password," \
    "       totp_secret IS NOT NULL AS totp," \
    "       (SELECT count(*) FROM staff_recovery_code r WHERE r.staff_id = staff.id" \
    "          AND r.used_at IS NULL) AS recovery_codes, oidc_subject IS NOT NULL AS oidc," \
    "       disabled_at IS NOT NULL AS disabled, created_at, seen_at FROM staff "

STMT(staff_all, PERSON_SELECT "WHERE ($1::bigint = 0 OR id < $1) ORDER BY id DESC LIMIT $2",
    .row = &person_shape);
STMT(staff_get, PERSON_SELECT "WHERE id = $1", .row = &person_shape);
STMT(staff_insert, "SELECT amends.staff_create($1, $2, $3, $4::text[]) AS id", .row = &row_int);
STMT(staff_update, "UPDATE staff SET name = coalesce($2, name), email = coalesce($3, email),"
                   "       roles = coalesce($4::text[], roles),"
                   "       disabled_at = CASE $5 WHEN 'disabled' THEN coalesce(disabled_at, now())"
                   "                             WHEN 'enabled' THEN NULL ELSE disabled_at END,"
                   "       totp_secret = CASE WHEN $6::bool THEN NULL ELSE totp_secret END,"
                   "       totp_pending = CASE WHEN $6::bool THEN NULL ELSE totp_pending END"
                   " WHERE id = $1");
STMT(staff_end_codes, "DELETE FROM staff_recovery_code WHERE staff_id = $1");
/* A link that went to an earlier address, or to a person who is disabled now. */
STMT(staff_end_links, "DELETE FROM staff_invitation WHERE staff_id = $1");
STMT(staff_end_sessions, "DELETE FROM staff_session WHERE staff_id = $1");
STMT(staff_end_keys, "UPDATE api_key SET revoked_at = now()"
                     " WHERE staff_id = $1 AND secret_sha256 IS NOT NULL AND revoked_at IS NULL");
STMT(staff_invite_by_mail, "SELECT amends.staff_invite($1) AS id", .row = &row_int);
STMT(staff_recorded, "SELECT amends.staff_record($1, $2, $3, $4::jsonb, $5)");

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

enum rc staff_record(struct scope *s, struct db *db, const char *actor, const char *action,
    int64_t id, const char *detail)
{
    return db_do(s, db, &staff_recorded,
        PARAMS(P_TEXT(actor), P_TEXT(action), P_INT(id), P_TEXT(detail), P_TEXT(NULL)), NULL);
}

enum rc staff_invite(struct scope *s, struct db *db, int64_t id, const char *actor)
{
    int64_t broadcast;
    TRY(db_one(s, db, &staff_invite_by_mail, PARAMS(P_INT(id)), &broadcast));
    if (broadcast == SHAPE_NONE)
        return fail_field(s, RC_INVALID, "email",
            "the link is sent to the person's e-mail address: there is none, or the person is "
            "disabled");
    return staff_record(s, db, actor, "staff.invite", id, NULL);
}

static enum rc reply_person(struct call *c, int64_t id)
{
    struct person row;
    TRY(db_one(c->s, c->db, &staff_get, PARAMS(P_INT(id)), &row));
    return reply_object(c, &row);
}

enum rc staff_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "staff", &before));
    TRY(db_all(c->s, c->db, &staff_all, PARAMS(P_INT(before), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "staff", rows, offsetof(struct person, id));
}

struct staff_work {
    struct call *c;
    int64_t id;
};

static enum rc add_person(struct scope *s, struct db *db, void *arg)
{
    struct staff_work *work = arg;
    TRY(staff_add(s, db, work->c->body, &work->id));
    return staff_record(s, db, call_actor(work->c), "staff.create", work->id, NULL);
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
    struct person former;
    TRY(IF_NONE(db_one(s, db, &staff_get, PARAMS(id), &former),
        fail(s, RC_NOT_FOUND, "no person %lld", (long long)work->id)));
    TRY(db_do(s, db, &staff_update,
        PARAMS(id, P_TEXT(in->name), P_TEXT(in->email), P_TEXTS(s, &in->roles), P_TEXT(in->access),
            P_BOOL(in->drop_totp)),
        NULL));
    bool disabling = in->access && !strcmp(in->access, "disabled");
    if (in->drop_totp)
        TRY(db_do(s, db, &staff_end_codes, PARAMS(id), NULL));
    if (in->email || disabling)
        TRY(db_do(s, db, &staff_end_links, PARAMS(id), NULL));
    if (disabling) {
        TRY(db_do(s, db, &staff_end_sessions, PARAMS(id), NULL));
        TRY(db_do(s, db, &staff_end_keys, PARAMS(id), NULL));
    }
    const struct request *r = work->c->request;
    return db_do(s, db, &staff_recorded,
        PARAMS(P_TEXT(call_actor(work->c)), P_TEXT("staff.change"), id,
            P_TEXT(r->len ? scope_strndup(s, r->body, r->len) : "{}"), P_TEXT(former.email)),
        NULL);
}

enum rc staff_patch(struct call *c)
{
    const struct staff_change *in = c->body;
    struct staff_work work = {.c = c};
    TRY(call_id(c, 0, &work.id));
    TRY(check_email(c->s, in->email));
    TRY(db_txn(c->s, c->db, change_person, &work));
    auth_forget();
    return reply_person(c, work.id);
}

static enum rc invite_person(struct scope *s, struct db *db, void *arg)
{
    struct staff_work *work = arg;
    return staff_invite(s, db, work->id, call_actor(work->c));
}

enum rc staff_invitation_post(struct call *c)
{
    struct staff_work work = {.c = c};
    struct person row;
    TRY(call_id(c, 0, &work.id));
    TRY(IF_NONE(db_one(c->s, c->db, &staff_get, PARAMS(P_INT(work.id)), &row),
        fail(c->s, RC_NOT_FOUND, "no person %lld", (long long)work.id)));
    TRY(db_txn(c->s, c->db, invite_person, &work));
    struct staff_invitation reply = {.sent_to = row.email};
    return reply_object(c, &reply);
}
