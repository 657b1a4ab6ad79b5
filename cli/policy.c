/* amends policy lint FILE */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "core/json.h"
#include "core/policy.h"
#include "core/strbuf.h"

enum { FILE_MAX = 1024 * 1024 };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **file = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num == 0 && strcmp(arg, "lint") != 0)
            argp_usage(state);
        if (state->arg_num > 1)
            argp_usage(state);
        if (state->arg_num == 1)
            *file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!*file)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static enum rc read_policies(struct scope *s, const char *path, json_t **ret)
{
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    if (!file)
        return fail(s, RC_INVALID, "can not open %s: %m", path);
    STRBUF(text, FILE_MAX);
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;)
        strbuf_add(&text, chunk, n);
    if (text.overflow || ferror(file))
        return fail(s, RC_INVALID, "can not read %s", path);
    return json_parse(s, text.buf, text.len, ret);
}

/* True when the policy is right; says so, or what is wrong. */
static bool lint(const json_t *json, size_t number)
{
    SCOPE(s);
    struct policy policy;
    const char *name = json_string_value(json_object_get(json, "name"));
    if (policy_read(s, json, &policy) == RC_OK) {
        printf("%s: right\n", name);
        return true;
    }
    printf("%s: ", name ? name : scope_printf(s, "policy %zu", number));
    if (s->fault.field)
        printf("%s ", s->fault.field);
    printf("%s\n", s->fault.message);
    return false;
}

int command_policy(int argc, char **argv)
{
    const struct argp argp = {.parser = parse,
        .args_doc = "lint FILE",
        .doc = "Say what is wrong with the policy in a JSON file, or with each of an array of "
               "them. Ends with 1 when one is wrong."};
    const char *path = NULL;
    argp_parse(&argp, argc, argv, 0, NULL, &path);
    SCOPE(s);
    json_t *all = NULL;
    if (read_policies(s, path, &all) != RC_OK)
        return options_fail("amends policy", s);
    if (!json_is_array(all))
        return lint(all, 1) ? 0 : 1;
    bool right = true;
    size_t i;
    json_t *one;
    json_array_foreach(all, i, one) right = lint(one, i + 1) && right;
    return right ? 0 : 1;
}
