#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H
/*
 * Shared by the commands: common options and the report of failures.
 *
 *     struct arguments {
 *         struct options options; // first member: filled by options_read
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
    OPTIONS_PLACE = 1 << 0, /* --data DIR: commands for a person beside a running `amends up` */
    OPTIONS_OUTPUT = 1 << 1 /* --output json|table */
};

/* Read a command's arguments with its own argp (without children) and the shared options. ret
 * begins with a struct options and is the input of that parser. Exits with 64 on wrong arguments
 * and with 0 after --help. shared: bits of enum options_shared. */
void options_read(const struct argp *own, unsigned shared, int argc, char **argv, void *ret);

/* Print "NAME: message" to stderr and return the exit code of the fault. */
int options_fail(const char *name, const struct scope *s);

/* Load the configuration and open the log for role. Returns 0, or 78 (EX_CONFIG) after printing the
 * error to stderr. s owns the strings of *ret. */
int options_load(
    struct scope *s, const struct options *options, const char *role, struct config *ret);

/* The same for a role, which needs the database: also 78 if AMENDS_DATABASE_URL is not set. */
int options_load_database(
    struct scope *s, const struct options *options, const char *role, struct config *ret);

/* The same for a command: without AMENDS_DATABASE_URL, uses the database of the `amends up` on
 * --data DIR or ./var. */
int options_load_place(
    struct scope *s, const struct options *options, const char *role, struct config *ret);

#endif
