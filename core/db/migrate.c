#include "core/db/migrate.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "core/db/code.h"
#include "core/db/locks.h"
#include "core/db/script.h"
#include "core/log.h"

SHAPE_STATIC(struct applied, applied_shape, "AppliedMigration",
    FIELD(INT, number, .required = true, .min = 1, .max = 9999),
    FIELD(TEXT, name, .required = true), FIELD(TEXT, sha256, .required = true));

STMT(migration_list,
    "SELECT number, name, encode(sha256, 'hex') AS sha256 FROM schema_migration ORDER BY number",
    .row = &applied_shape);
STMT(migration_record,
    "INSERT INTO schema_migration (number, name, sha256) VALUES ($1::int, $2, decode($3, 'hex'))");

static const char table_sql[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " number integer PRIMARY KEY, name text NOT NULL, sha256 bytea NOT NULL,"
    " at timestamptz NOT NULL DEFAULT now())";

static const char prefix[] = "migrations/";

/* 0 unless the file is a migration. */
static int number_of(const struct embed *file)
{
    int number = 0;
    if (!strncmp(file->path, prefix, strlen(prefix)))
        sscanf(file->path + strlen(prefix), "%4d_", &number);
    return number;
}

static const struct embed *migration(int64_t number)
{
    for (size_t i = 0; i < embed_count; i++)
        if (number_of(&embed_files[i]) == number)
            return &embed_files[i];
    return NULL;
}

int migrate_latest(void)
{
    int latest = 0;
    for (size_t i = 0; i < embed_count; i++)
        if (number_of(&embed_files[i]) > latest)
            latest = number_of(&embed_files[i]);
    return latest;
}

static const char *hash_of(struct scope *s, const struct embed *file)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)file->text, file->len);
    char *hex = scope_alloc(s, 2 * sizeof hash + 1);
    return sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

static enum rc check(struct scope *s, const struct applied *row)
{
    const struct embed *file = migration(row->number);
    if (!file)
        return fail(s, RC_CONFLICT,
            "the database has migration %04d (%s), which this executable, at %04d, does not know: "
            "run the newer version of amends",
            (int)row->number, row->name, migrate_latest());
    if (strcmp(hash_of(s, file), row->sha256) != 0)
        return fail(s, RC_CONFLICT,
            "%s differs from migration %04d as applied to this database: an applied migration must "
            "not change",
            file->path, (int)row->number);
    return RC_OK;
}

SHAPE_STATIC(struct level, level_shape, "SchemaLevel", FIELD(INT, number, .required = true),
    FIELD(BOOL, unreleased, .required = true));

/* Before 0.1 there were 47 migrations up to 0100, which began with this one. */
STMT(migration_level,
    "SELECT coalesce(max(number), 0) AS number,"
    " coalesce(bool_or(name = '0001_catalogue.sql'), false) AS unreleased FROM schema_migration",
    .row = &level_shape);

static enum rc read_level(struct scope *s, struct db *db, int *ret)
{
    struct level row;
    TRY(db_one(s, db, &migration_level, NO_PARAMS, &row));
    if (row.unreleased)
        return fail(s, RC_CONFLICT,
            "this database was created by an amends from before 0.1, at schema %04d. No version "
            "before 0.1 was released, and there is no upgrade from one. Create a new, empty "
            "database and migrate it. Then move your data: run `amends subscriber export` of the "
            "amends that created this database, and `amends subscriber import` and `amends account "
            "import` of this version",
            (int)row.number);
    *ret = (int)row.number;
    return RC_OK;
}

static enum rc apply(struct scope *s, struct db *db, void *arg)
{
    const struct embed *file = arg;
    TRY(script_file(s, db, file));
    return db_do(s, db, &migration_record,
        PARAMS(
            P_INT(number_of(file)), P_TEXT(file->path + strlen(prefix)), P_TEXT(hash_of(s, file))),
        NULL);
}

/* In one transaction with the grants, so that functions are never without them. */
static enum rc replace_code(struct scope *s, struct db *db, void *arg)
{
    (void)arg;
    TRY(code_install(s, db));
    return script_file(s, db, embed_find("deploy/grants.sql"));
}

static enum rc run_locked(struct scope *s, struct db *db, int *ret_applied)
{
    int level, n = 0;
    struct list list;
    TRY(script_run(s, db, table_sql));
    TRY(read_level(s, db, &level));
    TRY(db_all(s, db, &migration_list, NO_PARAMS, &list));
    const struct applied *rows = list.at;
    for (size_t i = 0; i < list.n; i++)
        TRY(check(s, &rows[i]));
    for (size_t i = 0; i < embed_count; i++) {
        if (number_of(&embed_files[i]) <= level)
            continue;
        TRY(script_txn(s, db, apply, &embed_files[i]));
        n++;
    }
    TRY(script_file(s, db, embed_find("deploy/roles.sql")));
    TRY(script_txn(s, db, replace_code, NULL));
    if (ret_applied)
        *ret_applied = n;
    return RC_OK;
}

enum rc migrate_run(struct scope *s, struct db *db, int *ret_applied)
{
    /* The session lock outlives the transaction; the wait for it has no time limit. */
    TRY(script_run(s, db,
        scope_printf(s,
            "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL client_min_messages = warning;"
            "SELECT pg_advisory_lock(%d); COMMIT",
            LOCK_MIGRATE)));
    enum rc rc = run_locked(s, db, ret_applied);
    struct scope unlock = {0};
    script_run(&unlock, db, scope_printf(&unlock, "SELECT pg_advisory_unlock(%d)", LOCK_MIGRATE));
    scope_release(&unlock);
    return rc;
}

STMT(roles_absent,
    "SELECT string_agg(name, ', ') AS names FROM unnest(ARRAY['amends_api', 'amends_notifier',"
    " 'amends_billing', 'amends_auditor']) AS name"
    " WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)",
    .row = &row_text);

enum rc migrate_absent_roles(struct scope *s, struct db *db, const char **ret_names)
{
    return db_one(s, db, &roles_absent, NO_PARAMS, ret_names);
}

SHAPE_STATIC(struct tables, tables_shape, "SchemaTables", FIELD(BOOL, migrations, .required = true),
    FIELD(BOOL, code, .required = true));

STMT(schema_tables,
    "SELECT to_regclass('schema_migration') IS NOT NULL AS migrations,"
    " to_regclass('schema_code') IS NOT NULL AS code",
    .row = &tables_shape);

enum rc migrate_look(struct scope *s, struct db *db, struct schema_seen *ret)
{
    static const char *const fixes[] = {
        [SCHEMA_OLDER] = "run amends migrate", [SCHEMA_NEWER] = "run the newer version of amends"};
    struct tables tables;
    struct code_seen code = {0};
    int level = 0, latest = migrate_latest();
    TRY(db_one(s, db, &schema_tables, NO_PARAMS, &tables));
    if (tables.migrations)
        TRY(read_level(s, db, &level));
    if (tables.code)
        TRY(code_look(s, db, &code));
    if (level != latest)
        ret->at = scope_printf(s, "at %04d, this executable expects %04d", level, latest);
    else if (!code.newest)
        ret->at =
            scope_printf(s, "at %04d, with functions that differ from this executable's", level);
    else
        ret->at = scope_printf(s, "at %04d", level);
    if (level == latest && code.newest)
        ret->is = SCHEMA_OURS;
    else
        ret->is = level < latest || (level == latest && !code.known) ? SCHEMA_OLDER : SCHEMA_NEWER;
    ret->fix = fixes[ret->is];
    return RC_OK;
}

void migrate_warn(struct db *db)
{
    SCOPE(s);
    struct schema_seen schema;
    if (migrate_look(s, db, &schema) == RC_OK && schema.fix)
        log_event(LOG_WARN, "the schema differs from this executable's",
            LOG_TEXT("schema", schema.at), LOG_TEXT("do", schema.fix));
}
