/* amends key create --name NAME --scope SCOPE...: prints the new key once. */
#include <inttypes.h>
#include <stdio.h>

#include "api/access/access.h"
#include "api/call/auth.h"
#include "cli/command.h"

static struct {
    const char *name, *owner, *account;
    struct texts scopes;
} given;

static const struct command_option options[] = {
    OPTION(&given.name, .name = "name", .arg = "NAME", .required = "create", .max = 200,
        .doc = "Purpose of the key"),
    OPTION(&given.scopes, .name = "scope", .arg = "SCOPE", .max = 32, .one_of = auth_scopes,
        .required = "create", .instead = "account",
        .doc = "Scope; may be repeated. admin: all scopes"),
    OPTION(&given.owner, .name = "owner", .arg = "LOGIN", .max = 100,
        .doc = "Person it belongs to, whose roles bound its scopes (default: nobody)"),
    OPTION(&given.account, .name = "account", .arg = "ACCOUNT", .max = 200,
        .doc = "Account to which it is bound: it opens /v1/account alone"),
    {0}};

struct made {
    int64_t id;
    char *key;
};

static enum rc make(struct scope *s, struct db *db, void *arg)
{
    struct made *made = arg;
    struct new_key new = {.name = given.name,
        .scopes = given.scopes,
        .owner = given.owner,
        .account = given.account,
        .expires_at = SHAPE_NONE};
    TRY(auth_create(s, db, &new, &made->id, &made->key));
    return key_record(s, db, "cli", made->id, given.owner);
}

static enum rc create(struct scope *s, struct invocation *in)
{
    struct made made;
    TRY(db_txn(s, in->db, make, &made));
    if (in->json)
        printf("{\"id\":%" PRId64 ",\"key\":\"%s\"}\n", made.id, made.key);
    else
        puts(made.key);
    return RC_OK;
}

static const struct command_verb verbs[] = {
    {.name = "create", .needs = NEED_DATABASE, .run = create}, {0}};

const struct command command_key = {.name = "key",
    .summary = "Create API keys",
    .doc = "Create an API key. It is printed once and stored as a hash. A key of a person has no "
           "scope that the person's roles lack, and can approve credit runs as that person; one of "
           "nobody "
           "never can.",
    .options = options,
    .verbs = verbs};
