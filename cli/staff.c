/* amends staff add|invite|reset LOGIN: people of the console. */
#include <stdio.h>

#include "api/access/staff.h"
#include "api/call/audit_log.h"
#include "cli/command.h"
#include "core/sign.h"

static struct {
    const char *name, *email;
    struct texts roles;
} given;

static const struct command_option options[] = {
    OPTION(&given.name, .name = "name", .arg = "NAME", .doc = "Display name (default: the login)"),
    OPTION(&given.email, .name = "email", .key = 'e', .arg = "ADDRESS",
        .doc = "Address for links to choose a password, alerts and tests"),
    OPTION(&given.roles, .name = "role", .key = 'r', .arg = "ROLE", .required = "add", .max = 5,
        .one_of = staff_roles,
        .doc = "viewer, responder, billing, approver or admin; may be repeated"),
    {0}};

SHAPE_STATIC(struct found, found_shape, "StaffFound", FIELD(INT, id), FIELD(TEXT, email),
    FIELD(BOOL, admin));
STMT(staff_find,
    "SELECT id, email, 'admin' = ANY(roles) AS admin FROM staff"
    " WHERE login = $1 AND disabled_at IS NULL",
    .row = &found_shape);
STMT(staff_is_empty, "SELECT amends.staff_is_empty() AS word", .row = &row_bool);
STMT(staff_print_link, "WITH earlier AS (DELETE FROM staff_invitation WHERE staff_id = $1)"
                       " INSERT INTO staff_invitation (staff_id) VALUES ($1)");
STMT(staff_factor_drop, "WITH codes AS (DELETE FROM staff_recovery_code WHERE staff_id = $1)"
                        " UPDATE staff SET totp_secret = NULL, totp_pending = NULL WHERE id = $1");

struct person {
    const char *login;
    bool empty; /* nobody can sign in as an admin */
    struct found found;
    bool printed;
};

/* To the person's address alone, since anybody who sees a link can use it. That of the first admin
 * is printed: nobody can be deceived yet, and there may be no relay. */
static enum rc invite_or_print(struct scope *s, struct db *db, struct person *person)
{
    int64_t id = person->found.id;
    person->printed = person->empty && person->found.admin;
    if (!person->printed)
        return staff_invite(s, db, id, "cli");
    TRY(db_do(s, db, &staff_print_link, PARAMS(P_INT(id)), NULL));
    return staff_record(s, db, "cli", "staff.invite", id, "{\"printed\":true}");
}

static enum rc find(struct scope *s, struct db *db, struct person *person)
{
    return IF_NONE(db_one(s, db, &staff_find, PARAMS(P_TEXT(person->login)), &person->found),
        fail(s, RC_NOT_FOUND, "no enabled person has the login \"%s\"", person->login));
}

static enum rc add_person(struct scope *s, struct db *db, void *arg)
{
    struct person *person = arg;
    struct new_staff in = {
        .login = person->login, .name = given.name, .email = given.email, .roles = given.roles};
    int64_t id = 0;
    TRY(staff_add(s, db, &in, &id));
    TRY(staff_record(s, db, "cli", "staff.create", id, NULL));
    TRY(find(s, db, person));
    return invite_or_print(s, db, person);
}

static enum rc invite_person(struct scope *s, struct db *db, void *arg)
{
    struct person *person = arg;
    TRY(find(s, db, person));
    return invite_or_print(s, db, person);
}

static enum rc reset_person(struct scope *s, struct db *db, void *arg)
{
    struct person *person = arg;
    TRY(find(s, db, person));
    TRY(db_do(s, db, &staff_factor_drop, PARAMS(P_INT(person->found.id)), NULL));
    return staff_record(s, db, "cli", "staff.reset", person->found.id, NULL);
}

static const char *link_of(
    struct scope *s, const struct config *config, const struct sign *keys, int64_t id)
{
    STRBUF(b, 1024);
    strbuf_addf(&b, "%s/staff/welcome/", config->public_url);
    sign_link(keys, SIGN_INVITATION, (struct link_token){.id = id}, &b);
    return strbuf_copy(&b, s);
}

static void print_json_or(
    const struct invocation *in, const char *name, const char *value, const char *sentence)
{
    if (in->json)
        printf("{\"%s\":\"%s\"}\n", name, value);
    else
        printf("%s%s\n", sentence, value);
}

static void free_keys(struct sign **keys)
{
    sign_free(*keys);
}

static enum rc run(struct scope *s, struct invocation *in, db_txn_fn *fn)
{
    struct person person = {.login = in->arg};
    CLEANUP(free_keys) struct sign *keys = NULL;
    TRY(db_one(s, in->db, &staff_is_empty, NO_PARAMS, &person.empty));
    if (person.empty)
        TRY(sign_load(s, in->config.key_file, false, &keys));
    TRY(db_txn(s, in->db, fn, &person));
    if (person.printed)
        print_json_or(in, "url", link_of(s, &in->config, keys, person.found.id), "");
    else
        print_json_or(in, "sent_to", person.found.email, "The link is on its way to ");
    return RC_OK;
}

static enum rc add(struct scope *s, struct invocation *in)
{
    return run(s, in, add_person);
}

static enum rc check_login_alone(struct scope *s, const struct invocation *in)
{
    if (given.roles.n || given.name || given.email)
        return fail(s, RC_INVALID, "%s takes only LOGIN", in->verb->name);
    return RC_OK;
}

static enum rc invite(struct scope *s, struct invocation *in)
{
    TRY(check_login_alone(s, in));
    return run(s, in, invite_person);
}

static enum rc reset(struct scope *s, struct invocation *in)
{
    struct person person = {.login = in->arg};
    TRY(check_login_alone(s, in));
    return db_txn(s, in->db, reset_person, &person);
}

static const struct command_verb verbs[] = {
    {.name = "add", .arg = "LOGIN", .needs = NEED_DATABASE, .run = add},
    {.name = "invite", .arg = "LOGIN", .needs = NEED_DATABASE, .run = invite},
    {.name = "reset", .arg = "LOGIN", .needs = NEED_DATABASE, .run = reset}, {0}};

const struct command command_staff = {.name = "staff",
    .summary = "Add people to the console",
    .doc = "Add a person to the console, or invite one again who has forgotten the password. The "
           "link to choose a password is sent to the person's address; it works once, within three "
           "days. While no admin can sign in, that of an admin is printed instead. reset removes a "
           "lost second factor with its recovery codes.",
    .options = options,
    .verbs = verbs};
