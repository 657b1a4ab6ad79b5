#ifndef CLI_CREDIT_RUN_H
#define CLI_CREDIT_RUN_H

/* `amends credit run` and `amends credit approve`, with the arguments of the command. */
int credit_run(int argc, char **argv);

#endif
