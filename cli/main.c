/* amends(1): docs/amends.1 is its manual. */
#include <argp.h>
#include <locale.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>

#include "cli/command.h"
#include "core/strbuf.h"

static const struct command *const commands[] = {&command_up, &command_api, &command_notifier,
    &command_billing, &command_migrate, &command_doctor, &command_template, &command_key,
    &command_staff, &command_credit, &command_send, &command_account, &command_subscriber,
    &command_suppression, &command_inbound, &command_policy, &command_ledger, &command_config};

const char *argp_program_version = "amends 0.1.0";

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

/* Appends the list of commands above; argp frees the result. */
static char *add_commands(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)(uintptr_t)text;
    STRBUF(b, 8192);
    strbuf_addstr(&b, "Commands:\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        strbuf_addf(&b, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    strbuf_addstr(&b, "\n`amends COMMAND --help` prints its options. The manual is amends(1).");
    return strdup(b.buf);
}

struct chosen {
    const struct command *command;
    int at; /* its index in argv */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct chosen *ret = state->input;
    (void)arg;
    switch (key) {
    case ARGP_KEY_ARGS:
        ret->at = state->next; /* the command reads the remaining arguments */
        ret->command = find(state->argv[ret->at]);
        if (!ret->command)
            argp_error(state, "unknown command '%s'", state->argv[ret->at]);
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
        .args_doc = "COMMAND [ARG...]",
        .doc = "Incident notification and service credits from one timeline.\v",
        .help_filter = add_commands};
    struct chosen chosen = {0};
    /* In order: options after COMMAND are the command's. */
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &chosen);
    SCOPE(s);
    argv[chosen.at] = scope_printf(s, "amends %s", chosen.command->name);
    return command_run(chosen.command, argc - chosen.at, argv + chosen.at);
}
