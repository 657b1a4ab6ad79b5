/* amends staff add|invite LOGIN: adds people to the console. Prints a link to choose a password. */
#include <stdio.h>

#include "api/access/staff.h"
#include "api/call/audit_log.h"
#include "cli/command.h"

static struct {
    const char *name, *email;
    struct texts roles;
} given;

static const struct command_option options[] = {
    OPTION(&given.name, .name = "name", .key = 'n', .arg = "NAME",
        .doc = "Display name (default: the login)"),
    OPTION(&given.email, .name = "email", .key = 'e', .arg = "ADDRESS",
        .doc = "Address for alerts and tests"),
    OPTION(&given.roles, .name = "role", .key = 'r', .arg = "ROLE", .required = "add", .max = 5,
        .one_of = staff_roles,
        .doc = "viewer, responder, billing, approver or admin; may be repeated"),
    {0}};

STMT(staff_find, "SELECT id FROM staff WHERE login = $1 AND disabled_at IS NULL", .row = &row_int);

struct person {
    const char *login;
    const char *path; /* of the link */
};

static enum rc invite_and_note(
    struct scope *s, struct db *db, struct person *person, int64_t id, const char *action)
{
    TRY(staff_invite(s, db, id, &person->path));
    return audit_add(s, db, "cli", action, scope_printf(s, "staff:%lld", (long long)id), NULL);
}

static enum rc add_person(struct scope *s, struct db *db, void *arg)
{
    struct person *person = arg;
    int64_t id = 0;
    struct new_staff in = {
        .login = person->login, .name = given.name, .email = given.email, .roles = given.roles};
    TRY(staff_add(s, db, &in, &id));
    return invite_and_note(s, db, person, id, "staff.create");
}

static enum rc invite_person(struct scope *s, struct db *db, void *arg)
{
    struct person *person = arg;
    int64_t id = 0;
    TRY(IF_NONE(db_one(s, db, &staff_find, PARAMS(P_TEXT(person->login)), &id),
        fail(s, RC_NOT_FOUND, "no enabled person has the login \"%s\"", person->login)));
    return invite_and_note(s, db, person, id, "staff.invite");
}

static enum rc run(struct scope *s, struct invocation *in, db_txn_fn *fn)
{
    struct person person = {.login = in->arg};
    TRY(db_txn(s, in->db, fn, &person));
    printf(in->json ? "{\"url\":\"%s%s\"}\n" : "%s%s\n", in->config.public_url, person.path);
    return RC_OK;
}

static enum rc add(struct scope *s, struct invocation *in)
{
    return run(s, in, add_person);
}

static enum rc invite(struct scope *s, struct invocation *in)
{
    if (given.roles.n || given.name || given.email)
        return fail(s, RC_INVALID, "invite takes only LOGIN");
    return run(s, in, invite_person);
}

static const struct command_verb verbs[] = {
    {.name = "add", .arg = "LOGIN", .needs = NEED_DATABASE, .run = add},
    {.name = "invite", .arg = "LOGIN", .needs = NEED_DATABASE, .run = invite}, {0}};

const struct command command_staff = {.name = "staff",
    .summary = "Add people to the console",
    .doc = "Add a person to the console, or invite one again who has forgotten the password. "
           "Prints a link to choose a password; it works once, within three days.",
    .options = options,
    .verbs = verbs};
