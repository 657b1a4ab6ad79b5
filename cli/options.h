#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H
/*
 * Shared by the commands: common options and the report of failures.
 *
 *     struct arguments {
 *         struct options options; // first member: filled from the shared options
 *         const char *verb, *file, *format;
 *         bool dry_run;
 *     };
 *     static const struct command_option rows[] = {
 *         OPTION_TEXT("format", 'f', "csv|ndjson", format, "Default: csv"),
 *         OPTION_FLAG("dry-run", 'n', dry_run, "Write nothing"),
 *     };
 *     const struct command_line line = {OPTIONS(rows),
 *         .words = {offsetof(struct arguments, verb), offsetof(struct arguments, file)},
 *         .check = check, .args_doc = "import FILE", .doc = "..."};
 *     struct arguments arguments = {0};
 *     options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
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

/* Values of an option that may be repeated. */
enum { OPTION_VALUES_MAX = 100 };
struct option_values {
    const char *at[OPTION_VALUES_MAX];
    size_t n;
};

/* An option of the command's own. Each offset is of a member of its struct arguments, in which 0 is
 * the shared options: a const char *, a bool, a struct option_values. Without one, take gets it. */
struct command_option {
    struct argp_option row;
    size_t text, flag, values;
};
#define OPTION_ROW(label, letter, value, help) \
    .row = {.name = (label), .key = (letter), .arg = (value), .doc = (help)}
#define OPTION_TEXT(label, letter, value, member, help) \
    { \
        OPTION_ROW(label, letter, value, help), .text = offsetof(struct arguments, member) \
    }
#define OPTION_FLAG(label, letter, member, help) \
    { \
        OPTION_ROW(label, letter, NULL, help), .flag = offsetof(struct arguments, member) \
    }
#define OPTION_VALUES(label, letter, value, member, help) \
    { \
        OPTION_ROW(label, letter, value, help), .values = offsetof(struct arguments, member) \
    }
#define OPTION_TAKEN(label, letter, value, help) \
    { \
        OPTION_ROW(label, letter, value, help) \
    }

struct command_line {
    const struct command_option *options;
    size_t n;        /* of them */
    size_t words[2]; /* offsets of the arguments that are no options, each a const char * */
    void (*take)(void *arguments, char *value, struct argp_state *state);
    void (*check)(void *arguments, struct argp_state *state); /* once all are read */
    const char *args_doc, *doc;
};
#define OPTIONS(rows) .options = (rows), .n = sizeof(rows) / sizeof((rows)[0])

/* Read a command's arguments and the shared options into ret, its struct arguments. Exits with 64
 * on wrong arguments and with 0 after --help. shared: bits of enum options_shared. */
void options_read(
    const struct command_line *line, unsigned shared, int argc, char **argv, void *ret);

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
