/* amends credit run | acknowledge | approve: through the API. */
#include "cli/credit_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "core/json.h"
#include "core/money.h"

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb;
    const char *id;
    const char *policy;
    const char *reason;
    struct option_values names; /* of incidents, or of warnings */
};

static const struct command_option rows[] = {
    OPTION_TEXT("policy", 'p', "NAME", policy, "run: policy to apply"),
    OPTION_VALUES("incident", 'i', "REF", names, "run: incident; may be repeated"),
    OPTION_VALUES(
        "warning", 'w', "NAME", names, "acknowledge: warning you have read; may be repeated"),
    OPTION_TEXT("reason", 'r', "TEXT", reason, "run: reason, for the record"),
};

static bool is_verb(const struct arguments *arguments, const char *verb)
{
    return arguments->verb && !strcmp(arguments->verb, verb);
}

static void check(void *input, struct argp_state *state)
{
    const struct arguments *arguments = input;
    bool run = is_verb(arguments, "run");
    if (run && (!arguments->policy || !arguments->names.n || !arguments->reason))
        argp_error(state, "run needs --policy, --incident and --reason");
    if (!run && !arguments->id)
        argp_usage(state);
    if (is_verb(arguments, "acknowledge") && !arguments->names.n)
        argp_error(state, "acknowledge needs --warning");
}

static void print_run(struct scope *s, const json_t *run)
{
    printf("run %lld is %s, policy %s version %lld\n", json_get_int(run, "id"),
        json_get_text(run, "state"), json_get_text(run, "policy"), json_get_int(run, "version"));
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(run, "totals"), i, row) printf("  %s in %lld credits\n",
        money_text(s, json_get_int(row, "amount_minor"), json_get_text(row, "currency")),
        json_get_int(row, "credits"));
    json_array_foreach(json_object_get(run, "warnings"), i, row)
        printf("  warning %s: %s%s\n", json_get_text(row, "code"), json_get_text(row, "text"),
            json_is_null(json_object_get(row, "acknowledged_by")) ? " (to be acknowledged)" : "");
}

static json_t *names(const struct arguments *arguments)
{
    json_t *list = json_array();
    for (size_t i = 0; i < arguments->names.n; i++)
        json_array_append_new(list, json_string(arguments->names.at[i]));
    return list;
}

/* The request to the API; path is "/v1/credit-runs" until there is a run. */
static void fill(struct scope *s, const struct arguments *arguments, struct client_request *request)
{
    json_t *body = NULL;
    const char *tail = "approve";
    if (is_verb(arguments, "run"))
        body = json_pack("{s:s, s:s, s:o}", "policy", arguments->policy, "reason",
            arguments->reason, "incidents", names(arguments));
    if (is_verb(arguments, "acknowledge")) {
        body = json_pack("{s:o}", "warnings", names(arguments));
        tail = "acknowledge-warnings";
    }
    if (!is_verb(arguments, "run"))
        request->path = scope_printf(s, "/v1/credit-runs/%lld/%s", atoll(arguments->id), tail);
    request->body = body ? json_text(s, json_own(s, body)) : NULL;
}

static enum rc run(struct scope *s, const struct arguments *arguments)
{
    struct client client;
    struct client_request request = {.verb = "POST", .path = "/v1/credit-runs"};
    TRY(client_open(s, &arguments->options, &client));
    fill(s, arguments, &request);
    if (arguments->options.json)
        return client_send(s, &client, &request, stdout);
    json_t *reply = NULL;
    TRY(client_call(s, &client, &request, &reply));
    print_run(s, reply);
    return RC_OK;
}

int credit_run(int argc, char **argv)
{
    const struct command_line line = {OPTIONS(rows),
        .words = {offsetof(struct arguments, verb), offsetof(struct arguments, id)}, .check = check,
        .args_doc = "run --policy=NAME --incident=REF... --reason=TEXT\n"
                    "acknowledge RUN --warning=NAME...\napprove RUN",
        .doc = "Draft a credit run, acknowledge its warnings, or approve a draft by another "
               "person. Uses the API: set AMENDS_URL and AMENDS_KEY, or --data."};
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
    SCOPE(s);
    enum rc rc = run(s, &arguments);
    return rc == RC_OK ? 0 : options_fail("amends credit", s);
}
