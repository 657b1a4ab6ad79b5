#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H
/* What the commands share: --config FILE, and how a failure is told. */
#include <argp.h>

#include "core/config.h"

struct options {
    const char *config; /* FILE or NULL */
    const char *place;  /* DIR of an `amends up`, or NULL */
};

/* A child for a command's argp; its input is a struct options. */
extern const struct argp options_argp;
/* The same with --data DIR, for commands that a person types beside a running `amends up`. */
extern const struct argp options_place_argp;

/* Parse the arguments of a command that has --config alone. */
void options_parse(int argc, char **argv, const char *doc, struct options *ret);

/* "NAME: message" on stderr; the exit code of the fault. */
int options_fail(const char *name, const struct scope *s);

/* Load the configuration and open the log for role. 0, or 78 (EX_CONFIG) after saying
 * on stderr what is wrong. Strings of *ret belong to s. */
int options_load(
    struct scope *s, const struct options *options, const char *role, struct config *ret);

/* The same for a role, which needs the database: 78 too when AMENDS_DATABASE_URL is not set. */
int options_load_database(
    struct scope *s, const struct options *options, const char *role, struct config *ret);

/* The same for a command that a person types. Without AMENDS_DATABASE_URL its database is that
 * of the `amends up` on --data DIR, or on ./var. */
int options_load_place(
    struct scope *s, const struct options *options, const char *role, struct config *ret);

#endif
