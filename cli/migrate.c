/* amends migrate */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/options.h"
#include "core/db/migrate.h"

struct arguments {
    struct options options;
    bool wait;
};

static const struct command_option rows[] = {
    OPTION_FLAG(
        "wait", 'w', wait, "Change nothing: wait until the schema is at the level of this version"),
};

static const struct command_line line = {OPTIONS(rows),
    .doc = "Apply the missing migrations to the database of AMENDS_DATABASE_URL. It is safe to run "
           "repeatedly and concurrently. Also creates the database roles amends_api, "
           "amends_notifier, amends_billing and amends_auditor, with the privileges they need."};

/* For a role that may start before its schema exists. Reports the reason for waiting whenever it
 * changes. */
static int wait_for_schema(struct db *db)
{
    SCOPE(kept);
    const char *told = "";
    for (;; sleep(1)) {
        SCOPE(s);
        struct schema_seen schema;
        bool asked = migrate_look(s, db, &schema) == RC_OK;
        if (asked && schema.is != SCHEMA_OLDER)
            return 0;
        const char *words = asked ? schema.at : s->fault.message;
        if (strcmp(told, words) != 0)
            fprintf(stderr,
                asked ? "amends migrate: waiting for schema %04d: it is %s\n"
                      : "amends migrate: waiting for the database of schema %04d: %s\n",
                migrate_latest(), words);
        told = scope_strdup(kept, words);
    }
}

static int apply(struct scope *s, struct db *db)
{
    int applied = 0;
    const char *absent = NULL;
    if (migrate_run(s, db, &applied) != RC_OK || migrate_absent_roles(s, db, &absent) != RC_OK)
        return options_fail("amends migrate", s);
    printf("%d applied, schema at %04d\n", applied, migrate_latest());
    if (absent)
        fprintf(stderr,
            "amends migrate: this user may not create database roles (CREATEROLE), and these are "
            "missing: %s. Either run the api, the notifier and billing as this user, or have a "
            "superuser run deploy/roles.sql and then migrate again.\n",
            absent);
    return 0;
}

int command_migrate(int argc, char **argv)
{
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_CONFIG, argc, argv, &arguments);
    SCOPE(s);
    struct config config;
    int code = options_load_database(s, &arguments.options, "migrate", &config);
    if (code)
        return code;
    CLEANUP(db_close) struct db *db = db_new(config.database_url, "amends migrate");
    return arguments.wait ? wait_for_schema(db) : apply(s, db);
}
