/* amends account import FILE, list FILE, link ACCOUNT, revoke-links ACCOUNT, oidc ACCOUNT: through
 * the API. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/import.h"
#include "cli/shell/secret_file.h"
#include "core/json.h"

static struct {
    const char *format, *contact, *name, *issuer, *client_id, *secret_file;
    bool dry_run, remove;
} given;

static const struct command_option options[] = {
    OPTION(&given.format, .name = "format", .key = 'f', .arg = "csv|ndjson",
        .doc = "Default: detected from the start of FILE"),
    OPTION(&given.dry_run, .name = "dry-run", .key = 'n',
        .doc = "Write nothing, report what would change"),
    OPTION(&given.contact, .name = "contact", .arg = "EMAIL", .max = 320,
        .doc = "link: the contact who gets it (default: the link is the account's own)"),
    OPTION(&given.name, .name = "name", .arg = "NAME", .required = "list",
        .doc = "list: its name, for scopes"),
    OPTION(&given.issuer, .name = "issuer", .arg = "URL", .max = 1000,
        .doc = "oidc: set this OpenID provider, exactly as its metadata names it"),
    OPTION(&given.client_id, .name = "client-id", .arg = "ID", .max = 500,
        .doc = "oidc: client ID of this installation at the provider"),
    OPTION(&given.secret_file, .name = "client-secret-file", .arg = "FILE",
        .doc = "oidc: its first line is the secret of that client (- is standard input)"),
    OPTION(&given.remove, .name = "remove", .doc = "oidc: remove the provider"), {0}};

static void print_changes(const json_t *reply)
{
    size_t i, k;
    json_t *one, *field;
    json_array_foreach(json_object_get(reply, "changes"), i, one)
    {
        printf("line %lld: %s %s", json_get_int(one, "line"), json_get_word(one, "external_id"),
            json_get_word(one, "outcome"));
        json_array_foreach(json_object_get(one, "fields"), k, field)
            printf("%s%s", k ? ", " : ": ", json_string_value(field));
        printf("\n");
    }
    json_array_foreach(json_object_get(reply, "warnings"), i, one) printf("line %lld: %s: %s: %s\n",
        json_get_int(one, "line"), json_get_word(one, "external_id"), json_get_word(one, "field"),
        json_get_word(one, "detail"));
    json_array_foreach(json_object_get(reply, "errors"), i, one)
        printf("line %lld: invalid: %s: %s\n", json_get_int(one, "line"),
            json_get_word(one, "field"), json_get_word(one, "detail"));
}

static void print(const json_t *reply)
{
    import_print_counts(
        reply, (const char *const[]){"created", "updated", "unchanged", "invalid", NULL});
    print_changes(reply);
    if (json_is_true(json_object_get(reply, "dry_run")))
        printf("nothing was written\n");
}

static enum rc import(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL;
    const char *path =
        scope_printf(s, "/v1/accounts/import?dry_run=%s", given.dry_run ? "true" : "false");
    TRY(import_send(s, &in->client, path, in->arg, given.format, &reply));
    return command_show(s, in, reply, print);
}

static void print_link(const json_t *reply)
{
    printf("%s\n", json_get_word(reply, "url"));
}

static enum rc link(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL, *body = json_pack("{s:s*}", "contact", given.contact);
    TRY(client_post(
        s, &in->client, client_path(s, "/v1/accounts/%s/page-link", in->arg), body, &reply));
    return command_show(s, in, reply, print_link);
}

static enum rc revoke_links(struct scope *s, struct invocation *in)
{
    const struct client_request request = {
        .verb = "DELETE", .path = client_path(s, "/v1/accounts/%s/page-links", in->arg)};
    return client_send(s, &in->client, &request, stdout);
}

static void print_oidc(const json_t *reply)
{
    printf("issuer        %s\n", json_get_word(reply, "issuer"));
    printf("client_id     %s\n", json_get_word(reply, "client_id"));
    printf("redirect_uri  %s\n", json_get_word(reply, "redirect_uri"));
    printf("login_url     %s\n", json_get_word(reply, "login_url"));
}

/* Show the provider, set it or remove it. */
static enum rc oidc(struct scope *s, struct invocation *in)
{
    struct client_request request = {
        .verb = "GET", .path = client_path(s, "/v1/accounts/%s/oidc", in->arg)};
    const char *secret;
    json_t *reply;
    if (given.remove) {
        request.verb = "DELETE";
        return client_send(s, &in->client, &request, stdout);
    }
    if (given.issuer) {
        if (!given.client_id || !given.secret_file)
            return fail(s, RC_INVALID, "--issuer needs --client-id and --client-secret-file");
        TRY(secret_file_read(s, given.secret_file, &secret));
        request.verb = "PUT";
        request.body =
            json_text(s, json_own(s, json_pack("{s:s, s:s, s:s}", "issuer", given.issuer,
                                         "client_id", given.client_id, "client_secret", secret)));
    }
    TRY(client_call(s, &in->client, &request, &reply));
    return command_show(s, in, reply, print_oidc);
}

static void print_list(const json_t *reply)
{
    printf("%s: %lld accounts\n", json_get_word(reply, "name"), json_get_int(reply, "accounts"));
}

static enum rc list(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL;
    const char *path = client_path(s, "/v1/account-lists/%s", given.name);
    TRY(import_send(s, &in->client, path, in->arg, given.format, &reply));
    return command_show(s, in, reply, print_list);
}

static const struct command_verb verbs[] = {
    {.name = "import", .arg = "FILE", .needs = NEED_API, .run = import},
    {.name = "list", .arg = "FILE", .needs = NEED_API, .run = list},
    {.name = "link", .arg = "ACCOUNT", .needs = NEED_API, .run = link},
    {.name = "revoke-links", .arg = "ACCOUNT", .needs = NEED_API, .run = revoke_links},
    {.name = "oidc", .arg = "ACCOUNT", .needs = NEED_API, .run = oidc}, {0}};

const struct command command_account = {.name = "account",
    .summary = "Import accounts and lists of them, and link to their pages",
    .doc = "Create and update accounts from an NDJSON or CSV file (- is standard input), all or "
           "none. Each line is a complete account. list imports accounts of an outage by name, for "
           "scopes. link prints a link to the page of an account, "
           "which works for 90 days; revoke-links ends all its links and sessions. oidc shows the "
           "OpenID provider by which contacts of the account sign in to that page, sets it with "
           "--issuer, --client-id and --client-secret-file, and removes it with --remove. Uses the "
           "API: "
           "set AMENDS_URL and AMENDS_KEY, "
           "or --data.",
    .options = options,
    .verbs = verbs};
