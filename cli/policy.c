/* amends policy lint FILE | dry-run FILE */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/policy_trial.h"
#include "core/clock.h"
#include "core/json.h"
#include "billing/policy.h"
#include "core/strbuf.h"

enum { FILE_MAX = 1024 * 1024 };

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb;
    const char *file;
    const char *from, *to;
};

static const struct command_option rows[] = {
    OPTION_TEXT("from", 'F', "DATE", from, "Dry run: start of the period (a year ago)"),
    OPTION_TEXT("to", 'T', "DATE", to, "Dry run: end of the period, exclusive (now)"),
};

static void check_instant(const char *text, struct argp_state *state)
{
    int64_t us;
    if (text && !clock_is_date(text) && !clock_parse(text, &us))
        argp_error(state,
            "%s is neither a date nor a time, such as 2026-01-31 or 2026-01-31T12:00:00Z", text);
}

static void check(void *input, struct argp_state *state)
{
    const struct arguments *arguments = input;
    check_instant(arguments->from, state);
    check_instant(arguments->to, state);
    if (!arguments->file ||
        (strcmp(arguments->verb, "lint") != 0 && strcmp(arguments->verb, "dry-run") != 0))
        argp_usage(state);
}

static enum rc read_policies(struct scope *s, const char *path, json_t **ret)
{
    STRBUF(text, FILE_MAX);
    TRY(strbuf_read(s, path, &text));
    return json_parse(s, text.buf, text.len, ret);
}

/* True if the policy is valid; prints the result. */
static bool lint(const json_t *json, size_t number, bool as_json)
{
    SCOPE(s);
    struct policy policy;
    const char *name = json_get_text(json, "name");
    bool right = policy_read(s, json, &policy) == RC_OK;
    const char *field = right ? NULL : s->fault.field, *fault = right ? NULL : s->fault.message;
    if (!name)
        name = scope_printf(s, "policy %zu", number);
    if (as_json)
        puts(json_text(s, json_own(s, json_pack("{s:s, s:b, s:s*, s:s*}", "policy", name, "right",
                                          right, "field", field, "fault", fault))));
    else
        printf("%s: %s%s%s\n", name, field ? field : "", field ? " " : "", right ? "right" : fault);
    return right;
}

static int lint_all(const json_t *all, bool as_json)
{
    bool right = true;
    size_t i;
    json_t *one;
    if (!json_is_array(all))
        return lint(all, 1, as_json) ? 0 : 1;
    json_array_foreach(all, i, one) right = lint(one, i + 1, as_json) && right;
    return right ? 0 : 1;
}

int command_policy(int argc, char **argv)
{
    const struct command_line line = {OPTIONS(rows),
        .words = {offsetof(struct arguments, verb), offsetof(struct arguments, file)},
        .check = check, .args_doc = "lint FILE\ndry-run FILE",
        .doc = "Read a policy, or an array of policies, from a JSON file. lint checks each and "
               "exits with 1 if one is invalid. dry-run estimates the cost over the incidents of a "
               "period, by month, currency and plan, without writing anything; it uses the API: "
               "set AMENDS_URL and AMENDS_KEY, or --data."};
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
    SCOPE(s);
    json_t *all = NULL;
    if (read_policies(s, arguments.file, &all) != RC_OK)
        return options_fail("amends policy", s);
    if (!strcmp(arguments.verb, "lint"))
        return lint_all(all, arguments.options.json);
    const struct trial_request request = {.options = &arguments.options,
        .from = arguments.from,
        .to = arguments.to,
        .json = arguments.options.json};
    if (policy_trial_all(s, &request, all) != RC_OK)
        return options_fail("amends policy", s);
    return 0;
}
