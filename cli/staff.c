/* amends staff add|invite LOGIN: adds people to the console. Prints a link to choose a password. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "api/call/audit_log.h"
#include "api/access/staff.h"
#include "cli/command.h"
#include "cli/options.h"
#include "core/db/db.h"

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb;
    const char *login;
    const char *name;
    const char *email;
    struct option_values roles;
};

static const struct command_option rows[] = {
    OPTION_TEXT("name", 'n', "NAME", name, "Display name (default: the login)"),
    OPTION_TEXT("email", 'e', "ADDRESS", email, "Address for alerts and tests"),
    OPTION_VALUES("role", 'r', "ROLE", roles,
        "viewer, responder, billing, approver or admin; may be repeated"),
};

static void check(void *input, struct argp_state *state)
{
    const struct arguments *arguments = input;
    bool add = arguments->verb && !strcmp(arguments->verb, "add");
    if (!add && !(arguments->verb && !strcmp(arguments->verb, "invite")))
        argp_error(state, "the actions are add LOGIN and invite LOGIN");
    if (!arguments->login)
        argp_error(state, "LOGIN is missing");
    if (add && !arguments->roles.n)
        argp_error(state, "--role is missing");
    if (!add && (arguments->roles.n || arguments->name || arguments->email))
        argp_error(state, "invite takes only LOGIN");
    for (size_t i = 0; i < arguments->roles.n; i++)
        if (!shape_one_of(staff_roles, arguments->roles.at[i]))
            argp_error(state, "unknown role %s", arguments->roles.at[i]);
}

static const struct command_line line = {OPTIONS(rows),
    .words = {offsetof(struct arguments, verb), offsetof(struct arguments, login)}, .check = check,
    .args_doc = "add LOGIN\ninvite LOGIN",
    .doc = "Add a person to the console, or invite one again who has forgotten the password. "
           "Prints a link to choose a password; it works once, within three days."};

STMT(staff_find, "SELECT id FROM staff WHERE login = $1 AND disabled_at IS NULL", .row = &row_int);

struct staffing {
    const struct arguments *arguments;
    const char *path;
};

static enum rc find(struct scope *s, struct db *db, const char *login, int64_t *ret_id)
{
    return IF_NONE(db_one(s, db, &staff_find, PARAMS(P_TEXT(login)), ret_id),
        fail(s, RC_NOT_FOUND, "no enabled person has the login \"%s\"", login));
}

static enum rc staff_run(struct scope *s, struct db *db, void *arg)
{
    struct staffing *staffing = arg;
    const struct arguments *arguments = staffing->arguments;
    bool add = !strcmp(arguments->verb, "add");
    int64_t id = 0;
    struct new_staff in = {.login = arguments->login,
        .name = arguments->name,
        .email = arguments->email,
        .roles = {.at = arguments->roles.at, .n = arguments->roles.n}};
    TRY(add ? staff_add(s, db, &in, &id) : find(s, db, arguments->login, &id));
    TRY(staff_invite(s, db, id, &staffing->path));
    return audit_add(s, db, "cli", add ? "staff.create" : "staff.invite",
        scope_printf(s, "staff:%lld", (long long)id), NULL);
}

int command_staff(int argc, char **argv)
{
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
    SCOPE(s);
    struct config config;
    int code = options_load_place(s, &arguments.options, "staff", &config);
    if (code)
        return code;
    struct db *db = db_new(config.database_url, "staff");
    struct staffing staffing = {.arguments = &arguments};
    enum rc rc = db_txn(s, db, staff_run, &staffing);
    db_free(db);
    if (rc != RC_OK)
        return options_fail("amends staff", s);
    printf(arguments.options.json ? "{\"url\":\"%s%s\"}\n" : "%s%s\n", config.public_url,
        staffing.path);
    return 0;
}
