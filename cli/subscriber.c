/* amends subscriber import FILE | imports | cancel ID | undo ID | export: through the API. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/import.h"
#include "cli/shell/progress.h"
#include "core/json.h"

static struct {
    const char *format;
    bool dry_run, skip_invalid, addresses;
} given;

static const struct command_option options[] = {
    OPTION(&given.format, .name = "format", .key = 'f', .arg = "csv|ndjson",
        .doc = "Default: import: detected from the start of FILE; export: csv"),
    OPTION(&given.dry_run, .name = "dry-run", .key = 'n',
        .doc = "Import: write nothing, report what would change"),
    OPTION(&given.skip_invalid, .name = "skip-invalid", .doc = "Import: skip invalid lines"),
    OPTION(&given.addresses, .name = "addresses",
        .doc = "Export: complete URLs and secrets of endpoints"),
    {0}};

static void print_group(const json_t *group)
{
    const char *detail = json_get_word(group, "detail"), *field = json_get_word(group, "field");
    size_t i;
    json_t *line;
    printf("\n%s, %lld", json_get_word(group, "outcome"), json_get_int(group, "count"));
    if (*detail)
        printf(": %s%s%s", field, *field ? ": " : "", detail);
    printf("\n");
    json_array_foreach(json_object_get(group, "lines"), i, line)
        printf("  line %lld %s\n", json_get_int(line, "line"), json_get_word(line, "address"));
}

static void print(const json_t *import)
{
    size_t i;
    json_t *group;
    import_print_counts(import, (const char *const[]){"created", "updated", "unchanged",
                                    "duplicate", "opted_out", "suppressed", "invalid", NULL});
    json_array_foreach(json_object_get(import, "groups"), i, group) print_group(group);
    if (json_get_int(import, "unlisted"))
        printf("\n%lld more invalid lines are not listed\n", json_get_int(import, "unlisted"));
    printf("\nimport %lld is %s%s\n", json_get_int(import, "id"), json_get_word(import, "state"),
        json_is_true(json_object_get(import, "dry_run")) ? "; preview only, nothing was written"
                                                         : "");
}

static enum rc import(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL;
    const char *path =
        scope_printf(s, "/v1/subscribers/import?wait=false&dry_run=%s&skip_invalid=%s",
            given.dry_run ? "true" : "false", given.skip_invalid ? "true" : "false");
    TRY(import_send(s, &in->client, path, in->arg, given.format, &reply));
    TRY(import_wait(s, &in->client, &reply));
    return command_show(s, in, reply, print);
}

static void print_undone(const json_t *reply)
{
    import_print_counts(reply, (const char *const[]){"removed", "restored", "kept", NULL});
}

static enum rc undo(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL;
    const char *path = scope_printf(s, "/v1/imports/%lld/undo?wait=false", (long long)in->id);
    TRY(client_post(s, &in->client, path, NULL, &reply));
    TRY(import_wait(s, &in->client, &reply));
    if (strcmp(json_get_word(reply, "state"), "undone") != 0)
        return fail(s, RC_CONFLICT, "import %lld was not undone%s", (long long)in->id,
            *json_get_word(reply, "cancelled_by") ? ": cancelled" : "");
    return command_show(s, in, reply, print_undone);
}

static void print_cancelled(const json_t *reply)
{
    printf("import %lld ends\n", json_get_int(reply, "id"));
}

static enum rc cancel(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL;
    const char *path = scope_printf(s, "/v1/imports/%lld/cancel", (long long)in->id);
    TRY(client_post(s, &in->client, path, NULL, &reply));
    return command_show(s, in, reply, print_cancelled);
}

static void print_list(const json_t *reply)
{
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(reply, "data"), i, one)
    {
        json_t *dry = json_object_get(one, "dry_run");
        printf("%lld  %s  %s%s  %lld created, %lld updated, %lld lines\n", json_get_int(one, "id"),
            json_get_word(one, "started_at"), json_get_word(one, "state"),
            json_is_true(dry) ? " (dry run)" : "", json_get_int(one, "created"),
            json_get_int(one, "updated"), json_get_int(one, "rows"));
    }
}

static enum rc list(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL;
    TRY(client_get(s, &in->client, "/v1/imports", &reply));
    return command_show(s, in, reply, print_list);
}

static enum rc export_all(struct scope *s, struct invocation *in)
{
    const char *path = scope_printf(s, "/v1/subscribers/export?format=%s%s",
        given.format ? given.format : "csv", given.addresses ? "&addresses=true" : "");
    const struct client_request request = {.verb = "GET", .path = path};
    if (!isatty(STDOUT_FILENO))
        progress_begin("Exporting");
    return client_send(s, &in->client, &request, stdout);
}

static const struct command_verb verbs[] = {
    {.name = "import", .arg = "FILE", .needs = NEED_API, .run = import},
    {.name = "imports", .needs = NEED_API, .run = list},
    {.name = "cancel", .arg = "IMPORT", .number = true, .needs = NEED_API, .run = cancel},
    {.name = "undo", .arg = "IMPORT", .number = true, .needs = NEED_API, .run = undo},
    {.name = "export", .needs = NEED_API, .run = export_all}, {0}};

const struct command command_subscriber = {.name = "subscriber",
    .summary = "Import and export subscribers",
    .doc = "Import subscribers from a file (- is standard input), all or none; list imports, "
           "cancel one that runs and undo one; or export all subscribers. Accepts CSV exports of "
           "Statuspage, listmonk, Mailchimp, Keila and Brevo. "
           "Uses the API: set AMENDS_URL and AMENDS_KEY, or --data.",
    .options = options,
    .verbs = verbs};
