/* amends subscriber import FILE | export: through the API. */
#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"

struct arguments {
    struct options options; /* first: the child parser's input */
    const char *verb;
    const char *file;
    const char *format;
    bool json;
};

static const struct argp_option rows[] = {
    {.name = "format", .key = 'f', .arg = "csv|ndjson", .doc = "Default: by FILE's name, else csv"},
    {.name = "output", .key = 'o', .arg = "json|table", .doc = "How an import reports (table)"},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->options;
        return 0;
    case 'f':
        if (strcmp(arg, "csv") != 0 && strcmp(arg, "ndjson") != 0)
            argp_error(state, "--format is csv or ndjson");
        arguments->format = arg;
        return 0;
    case 'o':
        if (strcmp(arg, "json") != 0 && strcmp(arg, "table") != 0)
            argp_error(state, "--output is json or table");
        arguments->json = !strcmp(arg, "json");
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            return ARGP_ERR_UNKNOWN;
        *(state->arg_num ? &arguments->file : &arguments->verb) = arg;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->verb || (!strcmp(arguments->verb, "import") && !arguments->file))
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool is_ndjson(const struct arguments *arguments)
{
    if (arguments->format)
        return !strcmp(arguments->format, "ndjson");
    const char *dot = arguments->file ? strrchr(arguments->file, '.') : NULL;
    return dot && (!strcmp(dot, ".ndjson") || !strcmp(dot, ".jsonl"));
}

static enum rc import(
    struct scope *s, const struct client *client, const struct arguments *arguments)
{
    bool standard = !strcmp(arguments->file, "-");
    FILE *file = standard ? stdin : fopen(arguments->file, "re");
    if (!file)
        return fail(s, RC_INVALID, "can not open %s: %m", arguments->file);
    const struct client_request request = {.verb = "POST",
        .path = "/v1/subscribers/import",
        .type = is_ndjson(arguments) ? "application/x-ndjson" : "text/csv",
        .upload = file};
    json_t *reply = NULL;
    enum rc rc = RC_OK;
    if (arguments->json)
        rc = client_send(s, client, &request, stdout);
    else
        rc = client_call(s, client, &request, &reply);
    if (!standard)
        fclose(file);
    TRY(rc);
    for (const char *const *name = (const char *const[]){"created", "updated", "skipped", NULL};
         reply && *name; name++)
        printf("%-8s %lld\n", *name, (long long)json_integer_value(json_object_get(reply, *name)));
    return RC_OK;
}

static enum rc run(struct scope *s, const struct arguments *arguments)
{
    struct client client;
    TRY(client_open(s, &arguments->options, &client));
    if (!strcmp(arguments->verb, "import"))
        return import(s, &client, arguments);
    if (strcmp(arguments->verb, "export") != 0)
        return fail(s, RC_INVALID, "%s: no such action; see --help", arguments->verb);
    const char *format = is_ndjson(arguments) ? "ndjson" : "csv";
    return client_send(s, &client,
        &(struct client_request){
            .verb = "GET", .path = scope_printf(s, "/v1/subscribers/export?format=%s", format)},
        stdout);
}

int command_subscriber(int argc, char **argv)
{
    const struct argp_child children[] = {{.argp = &options_place_argp}, {0}};
    const struct argp argp = {.options = rows,
        .parser = parse,
        .args_doc = "import FILE\nexport",
        .children = children,
        .doc = "Bring subscribers in from a file (- is standard input), all or none, or write them "
               "all out. Works through the API: AMENDS_URL and AMENDS_KEY, or --data."};
    struct arguments arguments = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    SCOPE(s);
    enum rc rc = run(s, &arguments);
    return rc == RC_OK ? 0 : options_fail("amends subscriber", s);
}
