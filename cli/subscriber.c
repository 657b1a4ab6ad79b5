/* amends subscriber import FILE | imports | undo ID | export: through the API. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/import.h"
#include "core/json.h"

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb;
    const char *file;
    const char *format;
    bool dry_run, skip_invalid, addresses;
};

static const struct command_option rows[] = {
    OPTION_TEXT("format", 'f', "csv|ndjson", format,
        "Default: import: detected from the start of FILE; export: csv"),
    OPTION_FLAG("dry-run", 'n', dry_run, "Import: write nothing, report what would change"),
    OPTION_FLAG("skip-invalid", 's', skip_invalid, "Import: skip invalid lines"),
    OPTION_FLAG("addresses", 'a', addresses, "Export: complete URLs and secrets of endpoints"),
};

static bool takes_file(const char *verb)
{
    return !strcmp(verb, "import") || !strcmp(verb, "undo");
}

static void check(void *input, struct argp_state *state)
{
    const struct arguments *arguments = input;
    import_check_format(arguments->format, state);
    if (!arguments->verb || (takes_file(arguments->verb) && !arguments->file))
        argp_usage(state);
}

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
    printf("\nimport %lld is %s%s\n", json_get_int(import, "id"), json_get_word(import, "state"),
        json_is_true(json_object_get(import, "dry_run")) ? "; preview only, nothing was written"
                                                         : "");
}

static enum rc import(
    struct scope *s, const struct client *client, const struct arguments *arguments)
{
    json_t *reply = NULL;
    const char *path =
        scope_printf(s, "/v1/subscribers/import?wait=false&dry_run=%s&skip_invalid=%s",
            arguments->dry_run ? "true" : "false", arguments->skip_invalid ? "true" : "false");
    TRY(import_send(s, client, path, arguments->file, arguments->format, &reply));
    TRY(import_wait(s, client, &reply));
    if (arguments->options.json)
        puts(json_text(s, reply));
    else
        print(reply);
    return RC_OK;
}

static enum rc undo(struct scope *s, const struct client *client, const struct arguments *arguments)
{
    json_t *reply = NULL;
    if (strspn(arguments->file, "0123456789") != strlen(arguments->file))
        return fail(s, RC_INVALID, "%s: not an import number", arguments->file);
    TRY(client_call(s, client,
        &(struct client_request){
            .verb = "POST", .path = scope_printf(s, "/v1/imports/%s/undo", arguments->file)},
        &reply));
    if (arguments->options.json) {
        puts(json_text(s, reply));
        return RC_OK;
    }
    import_print_counts(reply, (const char *const[]){"removed", "restored", "kept", NULL});
    return RC_OK;
}

static enum rc list(struct scope *s, const struct client *client, bool as_json)
{
    const struct client_request request = {.verb = "GET", .path = "/v1/imports"};
    json_t *reply = NULL, *one;
    size_t i;
    if (as_json)
        return client_send(s, client, &request, stdout);
    TRY(client_call(s, client, &request, &reply));
    json_array_foreach(json_object_get(reply, "data"), i, one)
    {
        json_t *dry = json_object_get(one, "dry_run");
        printf("%lld  %s  %s%s  %lld created, %lld updated, %lld lines\n", json_get_int(one, "id"),
            json_get_word(one, "started_at"), json_get_word(one, "state"),
            json_is_true(dry) ? " (dry run)" : "", json_get_int(one, "created"),
            json_get_int(one, "updated"), json_get_int(one, "rows"));
    }
    return RC_OK;
}

static enum rc run(struct scope *s, const struct arguments *arguments)
{
    struct client client;
    TRY(client_open(s, &arguments->options, &client));
    if (!strcmp(arguments->verb, "import"))
        return import(s, &client, arguments);
    if (!strcmp(arguments->verb, "undo"))
        return undo(s, &client, arguments);
    if (!strcmp(arguments->verb, "imports"))
        return list(s, &client, arguments->options.json);
    if (strcmp(arguments->verb, "export") != 0)
        return fail(s, RC_INVALID, "%s: no such action; see --help", arguments->verb);
    const char *path = scope_printf(s, "/v1/subscribers/export?format=%s%s",
        arguments->format ? arguments->format : "csv",
        arguments->addresses ? "&addresses=true" : "");
    return client_send(s, &client, &(struct client_request){.verb = "GET", .path = path}, stdout);
}

int command_subscriber(int argc, char **argv)
{
    const struct command_line line = {OPTIONS(rows),
        .words = {offsetof(struct arguments, verb), offsetof(struct arguments, file)},
        .check = check, .args_doc = "import FILE\nimports\nundo IMPORT\nexport",
        .doc = "Import subscribers from a file (- is standard input), all or none; list imports "
               "and undo one; or export all subscribers. Accepts CSV exports of Statuspage and "
               "listmonk. Uses the API: set AMENDS_URL and AMENDS_KEY, or --data."};
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
    SCOPE(s);
    enum rc rc = run(s, &arguments);
    return rc == RC_OK ? 0 : options_fail("amends subscriber", s);
}
