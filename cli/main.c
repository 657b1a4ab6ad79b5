/* amends(1): docs/amends.1 is its manual. */
#include <argp.h>
#include <locale.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>

#include "cli/command.h"
#include "cli/shell/suggest.h"
#include "core/strbuf.h"
#include "messages/channels.h"

const char *argp_program_version = "amends 0.1.0";

/* Appends the list of commands above; argp frees the result. */
static char *add_commands(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)(uintptr_t)text;
    STRBUF(b, 8192);
    strbuf_addstr(&b, "Commands:\n  help         Print the options of a command\n");
    for (size_t i = 0; commands[i]; i++)
        if (commands[i]->summary)
            strbuf_addf(&b, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    strbuf_addstr(&b, "\n`amends help COMMAND` prints its options. The manual is amends(1).");
    return strdup(b.buf);
}

struct chosen {
    const struct command *command;
    int at; /* its index in argv */
    bool help;
};

static void choose(struct chosen *ret, struct argp_state *state)
{
    SCOPE(s);
    ret->at = state->next; /* the command reads the remaining arguments */
    ret->help = !strcmp(state->argv[ret->at], "help");
    if (ret->help && (++ret->at == state->argc || state->argv[ret->at][0] == '-'))
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP); /* exits */
    const char *name = state->argv[ret->at];
    struct suggestion near = {.typed = name};
    ret->command = command_find(name);
    if (ret->command)
        return;
    for (size_t i = 0; commands[i]; i++)
        if (commands[i]->summary)
            suggest_try(&near, commands[i]->name);
    suggest_try(&near, "help");
    argp_error(state, "unknown command '%s'%s", name, suggest_text(s, &near, ""));
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    switch (key) {
    case ARGP_KEY_ARGS:
        choose(state->input, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    argp_err_exit_status = EX_USAGE;
    /* libcurl uses the locale's encoding for host names. */
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "");
    if (sodium_init() < 0)
        return EX_OSERR;
    const struct argp argp = {.parser = parse,
        .args_doc = "COMMAND [ARG...]\nhelp [COMMAND]",
        .doc = "Incident notification and service credits from one timeline.\v",
        .help_filter = add_commands};
    struct chosen chosen = {0};
    /* In order: options after COMMAND are the command's. */
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &chosen);
    SCOPE(s);
    if (channels_use(s) != RC_OK) { /* ours, without any of the installation */
        fprintf(stderr, "%s\n", s->fault.message);
        return EX_SOFTWARE;
    }
    char *name = scope_printf(s, "amends %s", chosen.command->name);
    if (chosen.help)
        return command_run(chosen.command, 2, (char *[]){name, scope_strdup(s, "--help"), NULL});
    argv[chosen.at] = name;
    return command_run(chosen.command, argc - chosen.at, argv + chosen.at);
}
