/* The table of the commands. */
#include <string.h>

#include "cli/command.h"

const struct command *const commands[] = {&command_up, &command_incident, &command_component,
    &command_alert, &command_rule, &command_source, &command_undo, &command_subscriber,
    &command_suppression, &command_account, &command_credit, &command_claim, &command_policy,
    &command_staff, &command_key, &command_doctor, &command_migrate, &command_config,
    &command_ledger, &command_send, &command_channel, &command_template, &command_inbound,
    &command_api, &command_notifier, &command_billing, &command_complete, NULL};

const struct command *command_find(const char *name)
{
    size_t i = 0;
    while (commands[i] && strcmp(commands[i]->name, name) != 0)
        i++;
    return commands[i];
}
