/* amends key create --name NAME --scope SCOPE...: prints the new key once. */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call/auth.h"
#include "cli/command.h"
#include "cli/options.h"
#include "core/db/db.h"

enum { SCOPES_MAX = 32 };

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb;
    const char *name;
    const char *scope[SCOPES_MAX];
    size_t n;
};

static const struct argp_option key_options[] = {
    {.name = "name", .key = 'n', .arg = "NAME", .doc = "Purpose of the key"},
    {.name = "scope",
        .key = 's',
        .arg = "SCOPE",
        .doc = "Scope; may be repeated. admin: all scopes"},
    {0}};

static void check(struct argp_state *state, const struct arguments *arguments)
{
    if (!arguments->verb || strcmp(arguments->verb, "create") != 0)
        argp_error(state, "the only action is create");
    if (!arguments->name || !*arguments->name || strlen(arguments->name) > 200)
        argp_error(state, "--name is missing or too long");
    if (!arguments->n)
        argp_error(state, "--scope is missing");
    for (size_t i = 0; i < arguments->n; i++)
        if (!shape_one_of(auth_scopes, arguments->scope[i]))
            argp_error(state, "unknown scope %s", arguments->scope[i]);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'n':
        arguments->name = arg;
        return 0;
    case 's':
        if (arguments->n == SCOPES_MAX)
            argp_error(state, "more than %d scopes", SCOPES_MAX);
        arguments->scope[arguments->n++] = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->verb)
            return ARGP_ERR_UNKNOWN;
        arguments->verb = arg;
        return 0;
    case ARGP_KEY_END:
        check(state, arguments);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp key_argp = {.options = key_options,
    .parser = parse,
    .args_doc = "create",
    .doc = "Create an API key. It is printed once and stored as a hash."};

static enum rc create(struct scope *s, const struct config *config,
    const struct arguments *arguments, int64_t *ret_id, char **ret_key)
{
    struct db *db = db_new(config->database_url, "key");
    struct new_key key = {.name = arguments->name,
        .scopes = {.at = arguments->scope, .n = arguments->n},
        .expires_at = SHAPE_NONE};
    enum rc rc = auth_create(s, db, &key, ret_id, ret_key);
    db_free(db);
    return rc;
}

int command_key(int argc, char **argv)
{
    struct arguments arguments = {0};
    options_read(&key_argp, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
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
