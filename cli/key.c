/* amends key create --name NAME --scope SCOPE...: prints the new key once. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call/auth.h"
#include "cli/command.h"
#include "cli/options.h"
#include "core/db/db.h"

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb;
    const char *name;
    struct option_values scopes;
};

static const struct command_option rows[] = {
    OPTION_TEXT("name", 'n', "NAME", name, "Purpose of the key"),
    OPTION_VALUES("scope", 's', "SCOPE", scopes, "Scope; may be repeated. admin: all scopes"),
};

static void check(void *input, struct argp_state *state)
{
    const struct arguments *arguments = input;
    if (!arguments->verb || strcmp(arguments->verb, "create") != 0)
        argp_error(state, "the only action is create");
    if (!arguments->name || !*arguments->name || strlen(arguments->name) > 200)
        argp_error(state, "--name is missing or too long");
    if (!arguments->scopes.n)
        argp_error(state, "--scope is missing");
    for (size_t i = 0; i < arguments->scopes.n; i++)
        if (!shape_one_of(auth_scopes, arguments->scopes.at[i]))
            argp_error(state, "unknown scope %s", arguments->scopes.at[i]);
}

static const struct command_line line = {OPTIONS(rows), .words = {offsetof(struct arguments, verb)},
    .check = check, .args_doc = "create",
    .doc = "Create an API key. It is printed once and stored as a hash."};

static enum rc create(struct scope *s, const struct config *config,
    const struct arguments *arguments, int64_t *ret_id, char **ret_key)
{
    struct db *db = db_new(config->database_url, "key");
    struct new_key key = {.name = arguments->name,
        .scopes = {.at = arguments->scopes.at, .n = arguments->scopes.n},
        .expires_at = SHAPE_NONE};
    enum rc rc = auth_create(s, db, &key, ret_id, ret_key);
    db_free(db);
    return rc;
}

int command_key(int argc, char **argv)
{
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
    SCOPE(s);
    struct config config;
    int code = options_load_place(s, &arguments.options, "key", &config);
    if (code)
        return code;
    int64_t id;
    char *key;
    if (create(s, &config, &arguments, &id, &key) != RC_OK)
        return options_fail("amends key", s);
    if (arguments.options.json)
        printf("{\"id\":%" PRId64 ",\"key\":\"%s\"}\n", id, key);
    else
        puts(key);
    return 0;
}
