/* amends account import FILE: through the API. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/import.h"
#include "core/json.h"

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb;
    const char *file;
    const char *format;
    bool dry_run;
};

static const struct command_option rows[] = {
    OPTION_TEXT("format", 'f', "csv|ndjson", format, "Default: detected from the start of FILE"),
    OPTION_FLAG("dry-run", 'n', dry_run, "Write nothing, report what would change"),
};

static void check(void *input, struct argp_state *state)
{
    const struct arguments *arguments = input;
    import_check_format(arguments->format, state);
    if (!arguments->file || strcmp(arguments->verb, "import") != 0)
        argp_usage(state);
}

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

static enum rc import(struct scope *s, const struct arguments *arguments)
{
    struct client client;
    json_t *reply = NULL;
    TRY(client_open(s, &arguments->options, &client));
    const char *path =
        scope_printf(s, "/v1/accounts/import?dry_run=%s", arguments->dry_run ? "true" : "false");
    TRY(import_send(s, &client, path, arguments->file, arguments->format, &reply));
    if (arguments->options.json)
        printf("%s\n", json_text(s, reply));
    else
        print(reply);
    return RC_OK;
}

int command_account(int argc, char **argv)
{
    const struct command_line line = {OPTIONS(rows),
        .words = {offsetof(struct arguments, verb), offsetof(struct arguments, file)},
        .check = check, .args_doc = "import FILE",
        .doc = "Create and update accounts from an NDJSON or CSV file (- is standard input), all "
               "or none. Each line is a complete account. Uses the API: set AMENDS_URL and "
               "AMENDS_KEY, or --data."};
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
    SCOPE(s);
    enum rc rc = import(s, &arguments);
    return rc == RC_OK ? 0 : options_fail("amends account", s);
}
