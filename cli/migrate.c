/* amends migrate */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/shell/progress.h"
#include "core/db/migrate.h"

static struct {
    bool wait;
} given;

static const struct command_option options[] = {
    OPTION(&given.wait, .name = "wait", .key = 'w',
        .doc = "Change nothing: wait until the schema is at the level of this version"),
    {0}};

/* For a role that may start before its schema exists. Reports the reason for waiting whenever it
 * changes. */
static enum rc wait_for_schema(struct db *db)
{
    SCOPE(kept);
    const char *told = "";
    for (;; sleep(1)) {
        SCOPE(s);
        struct schema_seen schema;
        bool asked = migrate_look(s, db, &schema) == RC_OK;
        if (asked && schema.is != SCHEMA_OLDER)
            return RC_OK;
        const char *words = asked ? schema.at : s->fault.message;
        if (strcmp(told, words) != 0)
            fprintf(stderr,
                asked ? "amends migrate: waiting for schema %04d: it is %s\n"
                      : "amends migrate: waiting for the database of schema %04d: %s\n",
                migrate_latest(), words);
        told = scope_strdup(kept, words);
    }
}

static enum rc apply(struct scope *s, struct db *db)
{
    int applied = 0;
    const char *absent = NULL;
    TRY(migrate_run(s, db, &applied));
    TRY(migrate_absent_roles(s, db, &absent));
    progress_end();
    printf("%d applied, schema at %04d\n", applied, migrate_latest());
    if (absent)
        fprintf(stderr,
            "amends migrate: this user may not create database roles (CREATEROLE), and these are "
            "missing: %s. Either run the api, the notifier and billing as this user, or have a "
            "superuser run deploy/roles.sql and then migrate again.\n",
            absent);
    return RC_OK;
}

static enum rc run(struct scope *s, struct invocation *in)
{
    if (given.wait)
        return wait_for_schema(in->db);
    progress_begin("Migrating the database");
    return apply(s, in->db);
}

static const struct command_verb verbs[] = {{.name = "", .needs = NEED_DATABASE, .run = run}, {0}};

const struct command command_migrate = {.name = "migrate",
    .summary = "Update the database schema",
    .doc = "Apply the missing migrations to the database of AMENDS_DATABASE_URL. It is safe to run "
           "repeatedly and concurrently. Also creates the database roles amends_api, "
           "amends_notifier, amends_billing and amends_auditor, with the privileges they need.",
    .options = options,
    .verbs = verbs,
    .share = SHARE_CONFIG};
