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
        "or twice at once, does no harm.",
        &options);
    SCOPE(s);
    struct config config;
    int code = options_load_database(s, &options, "migrate", &config);
    if (code)
        return code;
    CLEANUP(free_db) struct db *db = db_new(config.database_url, "amends migrate");
    int applied = 0;
    if (migrate_run(s, db, &applied) != RC_OK)
        return options_fail("amends migrate", s);
    printf("%d applied, schema at %04d\n", applied, migrate_latest());
    return 0;
}
