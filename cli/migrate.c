/* amends migrate */
#include <stdio.h>

#include "cli/command.h"
#include "cli/options.h"
#include "core/migrate.h"

static void free_db(struct db **db)
{
    db_free(*db);
}

int command_migrate(int argc, char **argv)
{
    struct options options = {0};
    options_parse(argc, argv,
        "Apply the migrations that the database of AMENDS_DATABASE_URL lacks. Running it twice, "
        "or twice at once, does no harm. Makes the database roles amends_api, amends_notifier, "
        "amends_billing and amends_auditor too, and grants each what it needs.",
        &options);
    SCOPE(s);
    struct config config;
    int code = options_load_database(s, &options, "migrate", &config);
    if (code)
        return code;
    CLEANUP(free_db) struct db *db = db_new(config.database_url, "amends migrate");
    int applied = 0;
    const char *absent = NULL;
    if (migrate_run(s, db, &applied) != RC_OK || migrate_absent_roles(s, db, &absent) != RC_OK)
        return options_fail("amends migrate", s);
    printf("%d applied, schema at %04d\n", applied, migrate_latest());
    if (absent)
        fprintf(stderr,
            "amends migrate: this user may not make database roles (CREATEROLE), and there are no "
            "%s. Either run the api, the notifier and billing as this user, or let a superuser run "
            "deploy/roles.sql and migrate again.\n",
            absent);
    return 0;
}
