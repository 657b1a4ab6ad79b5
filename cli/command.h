#pragma once
/* The commands of `amends`, as cli/options.h describes them, and how one is run. */
#include <jansson.h>

#include "cli/options.h"

extern const struct command command_account, command_alert, command_api, command_billing,
    command_channel, command_claim, command_complete, command_component, command_config,
    command_credit, command_doctor, command_incident, command_inbound, command_key, command_ledger,
    command_migrate, command_notifier, command_policy, command_rule, command_send, command_source,
    command_staff, command_subscriber, command_suppression, command_template, command_undo,
    command_up;

/* All of them in the order of `amends help`, ended by NULL; those without a summary are not shown.
 */
extern const struct command *const commands[];
const struct command *command_find(const char *name); /* or NULL */

/* argv[0] is "amends NAME". */
int command_run(const struct command *command, int argc, char **argv);

/* Print "name: message" to stderr and return the exit code of the fault. */
int command_fail(const char *name, const struct scope *s);

/* Print the result of a command: as JSON with --output json, else with print. Returns RC_OK. */
enum rc command_show(struct scope *s, const struct invocation *in, const json_t *result,
    void (*print)(const json_t *result));
