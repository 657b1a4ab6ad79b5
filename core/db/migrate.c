#include "core/db/migrate.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/embed.h"

/* Advisory locks are one key space per database; 4178 is the audit chain's, 4180 retention's. */
#define LOCK_TEXT "4179"

/* Whoever waits for a table holds up all who come for it later. */
#define TABLE_WAIT "3s"
enum { TABLE_TRIES = 20, TABLE_PAUSE_S = 1 };

struct applied {
    int64_t number;
    const char *name;
    const char *sha256; /* hex */
};

static const struct shape applied_shape = SHAPE("AppliedMigration", struct applied,
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

/* Statements that the extended protocol can not carry: a migration holds several. */
static enum rc execute(struct scope *s, struct db *db, const char *sql)
{
    PGconn *conn;
    TRY(db_raw(s, db, &conn));
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    enum rc rc = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
                     ? RC_OK
                     : db_fault(s, db, result, NULL);
    PQclear(result);
    return rc;
}

static enum rc check(struct scope *s, const struct applied *row)
{
    const struct embed *file = migration(row->number);
    if (!file)
        return fail(s, RC_CONFLICT,
            "the database has migration %04d (%s), which this executable, at %04d, does not know: "
            "run the newer amends",
            (int)row->number, row->name, migrate_latest());
    if (strcmp(hash_of(s, file), row->sha256) != 0)
        return fail(s, RC_CONFLICT,
            "%s is not what was applied to this database as migration %04d: an applied migration "
            "must not change",
            file->path, (int)row->number);
    return RC_OK;
}

static enum rc apply(struct scope *s, struct db *db, void *arg)
{
    const struct embed *file = arg;
    TRY(execute(
        s, db, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '" TABLE_WAIT "'"));
    if (execute(s, db, file->text) != RC_OK)
        return fail(s, s->fault.rc, "%s: %s", file->path, s->fault.message);
    return db_do(s, db, &migration_record,
        PARAMS(
            P_INT(number_of(file)), P_TEXT(file->path + strlen(prefix)), P_TEXT(hash_of(s, file))),
        NULL);
}

/* Each is one statement, so it takes effect as a whole or not at all. */
static enum rc execute_file(struct scope *s, struct db *db, const char *path)
{
    if (execute(s, db, embed_find(path)->text) != RC_OK)
        return fail(s, s->fault.rc, "%s: %s", path, s->fault.message);
    return RC_OK;
}

/* Again while others use its tables for long; what it did until then is rolled back. */
static enum rc apply_patiently(struct scope *s, struct db *db, const struct embed *file)
{
    for (int try = 1;; try++) {
        SCOPE(each);
        enum rc rc = db_txn(each, db, apply, (void *)(uintptr_t)file);
        if (rc == RC_OK)
            return RC_OK;
        if (rc != RC_RETRY || try == TABLE_TRIES)
            return fail_from(s, each);
        sleep(TABLE_PAUSE_S);
    }
}

static enum rc run_locked(struct scope *s, struct db *db, int *ret_applied)
{
    TRY(execute(s, db, table_sql));
    struct list list;
    TRY(db_all(s, db, &migration_list, NO_PARAMS, &list));
    const struct applied *rows = list.at;
    for (size_t i = 0; i < list.n; i++)
        TRY(check(s, &rows[i]));
    int level = list.n ? (int)rows[list.n - 1].number : 0, n = 0;
    for (size_t i = 0; i < embed_count; i++) {
        if (number_of(&embed_files[i]) <= level)
            continue;
        TRY(apply_patiently(s, db, &embed_files[i]));
        n++;
    }
    TRY(execute_file(s, db, "deploy/roles.sql"));
    TRY(execute_file(s, db, "deploy/grants.sql"));
    if (ret_applied)
        *ret_applied = n;
    return RC_OK;
}

enum rc migrate_run(struct scope *s, struct db *db, int *ret_applied)
{
    /* The session's lock outlives the transaction; waiting for it has no time limit. */
    TRY(execute(s, db,
        "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL client_min_messages = warning;"
        "SELECT pg_advisory_lock(" LOCK_TEXT "); COMMIT"));
    enum rc rc = run_locked(s, db, ret_applied);
    struct scope unlock = {0};
    execute(&unlock, db, "SELECT pg_advisory_unlock(" LOCK_TEXT ")");
    scope_release(&unlock);
    return rc;
}

struct absent {
    const char *names;
};

static const struct shape absent_shape = SHAPE("AbsentRoles", struct absent, FIELD(TEXT, names));

STMT(roles_absent,
    "SELECT string_agg(name, ', ') AS names FROM unnest(ARRAY['amends_api', 'amends_notifier',"
    " 'amends_billing', 'amends_auditor']) AS name"
    " WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)",
    .row = &absent_shape);

enum rc migrate_absent_roles(struct scope *s, struct db *db, const char **ret_names)
{
    struct absent row;
    TRY(db_one(s, db, &roles_absent, NO_PARAMS, &row));
    *ret_names = row.names;
    return RC_OK;
}

struct level {
    int64_t level;
};

static const struct shape level_shape =
    SHAPE("SchemaLevel", struct level, FIELD(INT, level, .required = true));

STMT(migration_known, "SELECT count(*) AS level FROM pg_class WHERE oid = to_regclass($1)",
    .row = &level_shape);
STMT(migration_level, "SELECT coalesce(max(number), 0) AS level FROM schema_migration",
    .row = &level_shape);

enum rc migrate_level(struct scope *s, struct db *db, int *ret_level)
{
    struct level row;
    TRY(db_one(s, db, &migration_known, PARAMS(P_TEXT("schema_migration")), &row));
    if (row.level)
        TRY(db_one(s, db, &migration_level, NO_PARAMS, &row));
    *ret_level = (int)row.level;
    return RC_OK;
}
