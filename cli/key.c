/* amends key create --name NAME --scope SCOPE...: prints the new key once. */
#include <inttypes.h>
#include <stdio.h>

#include "api/call/auth.h"
#include "cli/command.h"

static struct {
    const char *name;
    struct texts scopes;
} given;

static const struct command_option options[] = {
    OPTION(&given.name, .name = "name", .key = 'n', .arg = "NAME", .required = "create", .max = 200,
        .doc = "Purpose of the key"),
    OPTION(&given.scopes, .name = "scope", .key = 's', .arg = "SCOPE", .required = "create",
        .max = 32, .one_of = auth_scopes, .doc = "Scope; may be repeated. admin: all scopes"),
    {0}};

static enum rc create(struct scope *s, struct invocation *in)
{
    struct new_key new = {.name = given.name, .scopes = given.scopes, .expires_at = SHAPE_NONE};
    int64_t id;
    char *key;
    TRY(auth_create(s, in->db, &new, &id, &key));
    if (in->json)
        printf("{\"id\":%" PRId64 ",\"key\":\"%s\"}\n", id, key);
    else
        puts(key);
    return RC_OK;
}

static const struct command_verb verbs[] = {
    {.name = "create", .needs = NEED_DATABASE, .run = create}, {0}};

const struct command command_key = {.name = "key",
    .summary = "Create API keys",
    .doc = "Create an API key. It is printed once and stored as a hash.",
    .options = options,
    .verbs = verbs};
