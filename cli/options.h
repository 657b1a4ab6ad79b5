#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H
/*
 * What the commands share: their options, and how a failure is told.
 *
 *     struct arguments {
 *         struct options options; // first: what the shared options are read into
 *         const char *file;
 *     };
 *     static const struct argp argp = {.options = rows, .parser = parse, .doc = "..."};
 *     struct arguments arguments = {0};
 *     options_read(&argp, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
 */
#include <argp.h>
#include <stdbool.h>

#include "core/config.h"

struct options {
    const char *config; /* FILE or NULL */
    const char *place;  /* DIR of an `amends up`, or NULL */
    bool json;          /* --output json */
};

enum options_shared {
    OPTIONS_CONFIG = 0,     /* --config FILE: every command */
    OPTIONS_PLACE = 1 << 0, /* --data DIR: that a person types beside a running `amends up` */
    OPTIONS_OUTPUT = 1 << 1 /* --output json|table */
};

/* Read a command's arguments by its own argp, without children, and the shared options. ret
 * begins with a struct options and is the own parser's input. Ends the process with 64
 * where they are wrong, with 0 after --help. shared: bits of enum options_shared. */
void options_read(const struct argp *own, unsigned shared, int argc, char **argv, void *ret);

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
