/* amends config print */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cli/command.h"
#include "cli/options.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG && state->arg_num == 0 && !strcmp(arg, "print"))
        return 0;
    if (key == ARGP_KEY_ARG)
        argp_error(state, "unknown action '%s': see --help", arg);
    if (key == ARGP_KEY_NO_ARGS)
        argp_usage(state);
    return ARGP_ERR_UNKNOWN;
}

int command_config(int argc, char **argv)
{
    const struct argp argp = {.parser = parse,
        .args_doc = "print",
        .doc = "Print all settings with their defaults, as a file for --config."};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    STRBUF(b, 64 * 1024);
    config_reference(&b);
    fputs(b.buf, stdout);
    return 0;
}
