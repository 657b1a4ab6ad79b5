#pragma once
/*
 * A command of `amends` is a table: its verbs, its options, and what each verb needs. command_run
 * reads the arguments with argp, loads the configuration, opens the database or finds the API, runs
 * the verb and returns the exit code of the process (sysexits: 0, 1, 64, 69, 75, 78).
 *
 *     static struct {
 *         const char *note;
 *     } given; // what the command line says: a process runs one command, once
 *     static const struct command_option options[] = {
 *         OPTION(&given.note, .name = "note", .key = 'n', .arg = "TEXT", .required = "remove",
 *             .doc = "Note for the audit log"),
 *         {0}};
 *     static const struct command_verb verbs[] = {
 *         {.name = "remove", .arg = "ADDRESS", .needs = NEED_API, .run = suppression_remove}, {0}};
 *     const struct command command_suppression = {.name = "suppression",
 *         .summary = "Manage the suppression list", .options = options, .verbs = verbs,
 *         .doc = "..."};
 */
#include <stdbool.h>
#include <stdint.h>

#include "cli/client.h"
#include "core/config.h"
#include "core/db/db.h"

/* OPTION(variable, ...): the kind follows from the variable's type. A row with only .doc is a
 * heading in --help. */
struct command_option {
    enum { OPTION_FLAG, OPTION_TEXT, OPTION_TEXTS } kind;
    void *to;                  /* bool *, const char ** or struct texts * */
    const char *name;          /* without its dashes */
    int key;                   /* its letter, the same for a name in every command; 0: none */
    const char *arg;           /* "a|b" allows these words only; NULL: a flag */
    const char *doc;           /* for --help */
    const char *required;      /* the verbs that must have it: "start|post" */
    const char *instead;       /* an option that stands in for a required one, or NULL */
    size_t max;                /* TEXT: octets, TEXTS: how often; 0: any */
    const char *const *one_of; /* NULL-terminated */
    const char *from;          /* where completion finds values: "/v1/components slug" */
    bool (*is_valid)(const char *arg);
    const char *refusal; /* where is_valid is false: "is not ..." */
};
#define OPTION(variable, ...) \
    { \
        .to = (variable), .kind = _Generic((variable), \
            bool *: OPTION_FLAG, \
            const char **: OPTION_TEXT, \
            struct texts *: OPTION_TEXTS), \
        __VA_ARGS__ \
    }

enum need {
    NEED_NOTHING,
    NEED_CONFIG,   /* in->config */
    NEED_DATABASE, /* and in->db, not yet connected */
    NEED_API       /* in->client */
};

struct invocation {
    const char *name; /* "amends NAME" */
    const struct command *command;
    const struct command_verb *verb;
    const char *const *args; /* after the verb */
    size_t n;
    const char *arg; /* the first, or NULL */
    int64_t id;      /* the same, if the verb takes a number */
    const char *config_file;
    const char *place; /* DIR of an `amends up` */
    const char *output;
    bool json; /* --output json */
    struct config config;
    struct db *db;
    struct client client;
    int exit; /* exit code after RC_OK */
};

struct command_verb {
    const char *name; /* "": the command has no verbs */
    const char *arg;  /* "FILE", "[ADDRESS]" (optional), "TEMPLATE..." (some) or NULL */
    bool number;      /* arg is a positive number */
    enum need needs;
    const char *busy; /* shown on a terminal after a second: "Verifying the books"; or NULL */
    const char *from; /* as of command_option, for arg */
    enum rc (*run)(struct scope *s, struct invocation *in);
};

/* The options that commands have in common. */
enum share {
    SHARE_OUTPUT, /* --config FILE, --data DIR, --output json|table */
    SHARE_PLACE,  /* --config and --data */
    SHARE_CONFIG, /* --config */
    SHARE_NOTHING
};

struct command {
    const char *name;
    const char *summary;                  /* for `amends --help` */
    const char *doc;                      /* for `amends NAME --help` */
    const struct command_option *options; /* NULL, or ended by {0} */
    const struct command_verb *verbs;     /* ended by {0} */
    enum share share;
    int failure; /* exit code of every failure; 0: that of its rc */
};

enum { OPTIONS_MAX = 20 };

/* The options of in->command: its own, then those shared. Each has a key, a letter or more. */
size_t options_list(struct invocation *in, struct command_option ret[OPTIONS_MAX]);

/* Read the arguments of in->command into the variables of its options and into *in. Exits with 64
 * on wrong arguments and with 0 after --help. */
void options_read(struct scope *s, int argc, char **argv, struct invocation *in);
