#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H
/* The commands of `amends`: each takes its own arguments, with argv[0] "amends NAME", and returns
 * the exit code of the process (sysexits: 0, 1, 64, 69, 75, 78). */

int command_account(int argc, char **argv);
int command_up(int argc, char **argv);
int command_api(int argc, char **argv);
int command_notifier(int argc, char **argv);
int command_billing(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_config(int argc, char **argv);
int command_key(int argc, char **argv);
int command_credit(int argc, char **argv);
int command_ledger(int argc, char **argv);
int command_policy(int argc, char **argv);
int command_staff(int argc, char **argv);
int command_send(int argc, char **argv);
int command_subscriber(int argc, char **argv);
int command_template(int argc, char **argv);
int command_suppression(int argc, char **argv);
int command_inbound(int argc, char **argv);

#endif
