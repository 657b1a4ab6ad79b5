#pragma once
/*
 * A migrated database of its own inside the cluster of AMENDS_TEST_DATABASE_URL, filled
 * from tests/cases by credit_world.sql. Each test begins, looks and rolls back, so that
 * every run meets the same fresh world.
 */
#include <glob.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/db/db.h"
#include "core/json.h"
#include "core/db/migrate.h"
#include "billing/policy.h"
#include "tests/unit/tap.h"

static PGconn *world;
static char world_name[64];

__attribute__((noreturn)) static void bail(const char *what, const char *why)
{
    printf("Bail out! %s: %s\n", what, why);
    exit(1);
}

static PGresult *world_try(const char *sql, int n, const char *const *values)
{
    return PQexecParams(world, sql, n, NULL, values, NULL, NULL, 0);
}

/* The first column of the first row, owned by s; "" without a row. */
static char *ask(struct scope *s, const char *sql)
{
    PGresult *result = world_try(sql, 0, NULL);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        bail(sql, PQerrorMessage(world));
    char *text = scope_strdup(s, PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return text;
}

static void tell(const char *sql)
{
    PGresult *result = PQexec(world, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        bail(sql, PQerrorMessage(world));
    PQclear(result);
}

static char *read_all(struct scope *s, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        bail(path, "cannot be opened");
    STRBUF(b, 1024 * 1024);
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, file)) > 0;)
        strbuf_add(&b, part, n);
    fclose(file);
    return strbuf_copy(&b, s);
}

static void insert(const char *sql, const char *first, const char *second)
{
    const char *values[] = {first, second};
    PGresult *result = world_try(sql, second ? 2 : 1, values);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        bail(sql, PQerrorMessage(world));
    PQclear(result);
}

static void load_files(struct scope *s)
{
    tell("create table case_file (name text, document jsonb);"
         "create table account_file (document jsonb);"
         "create table expected_file (document jsonb)");
    glob_t found;
    if (glob("tests/cases/20*.json", 0, NULL, &found))
        bail("tests/cases", "not found: run from the top of the source");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *name = scope_strdup(s, strrchr(found.gl_pathv[i], '/') + 1);
        name[strlen(name) - strlen(".json")] = '\0';
        insert(
            "insert into case_file values ($1, $2::jsonb)", name, read_all(s, found.gl_pathv[i]));
    }
    globfree(&found);
    char *accounts = read_all(s, "tests/cases/accounts.ndjson");
    for (char *rest, *line = strtok_r(accounts, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
        insert("insert into account_file values ($1::jsonb)", line, NULL);
    insert("insert into expected_file values ($1::jsonb)",
        read_all(s, "tests/cases/expected-credits.json"), NULL);
}

/* Store a policy as the API does. */
static void add_policy(struct scope *s, const json_t *json)
{
    struct policy policy;
    if (policy_read(s, json, &policy) != RC_OK)
        bail("policy", s->fault.message);
    insert("insert into policy (name, version, document) values ($1, 1, $2::jsonb)", policy.name,
        policy_document(s, &policy));
}

__attribute__((unused)) static void add_policy_text(const char *text)
{
    SCOPE(s);
    json_t *json = NULL;
    if (json_parse(s, text, strlen(text), &json) != RC_OK)
        bail(text, s->fault.message);
    add_policy(s, json);
}

static void add_policies(struct scope *s)
{
    json_t *all = NULL;
    char *text = read_all(s, "tests/cases/policies.json");
    if (json_parse(s, text, strlen(text), &all) != RC_OK)
        bail("policies.json", s->fault.message);
    size_t i;
    json_t *one;
    json_array_foreach(all, i, one) add_policy(s, one);
}

static PGconn *connect_to(const char *base, const char *name)
{
    const char *const keywords[] = {"dbname", "dbname", NULL};
    const char *const values[] = {base, name, NULL};
    PGconn *conn = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(conn) != CONNECTION_OK)
        bail("PostgreSQL", PQerrorMessage(conn));
    return conn;
}

static void ignore(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

static void world_open(void)
{
    const char *base = getenv("AMENDS_TEST_DATABASE_URL");
    if (!base)
        bail("AMENDS_TEST_DATABASE_URL", "not set: run through tests/with_postgres.sh");
    SCOPE(s);
    snprintf(world_name, sizeof world_name, "credits_%d", (int)getpid());
    world = connect_to(base, NULL);
    tell(scope_printf(s, "create database %s", world_name));
    PQfinish(world);
    world = connect_to(base, world_name);
    PQsetNoticeReceiver(world, ignore, NULL);
    tell("set timezone = 'UTC'");
    char *url = scope_printf(s, "postgresql://%s@/%s?host=%s&port=%s", PQuser(world), world_name,
        PQhost(world), PQport(world));
    struct db *db = db_new(url, "test");
    int applied;
    if (migrate_run(s, db, &applied) != RC_OK)
        bail("migrations", s->fault.message);
    db_free(db);
    load_files(s);
    add_policies(s);
    tell(read_all(s, "tests/unit/billing/credit_world.sql"));
}

static void world_close(void)
{
    SCOPE(s);
    PQfinish(world);
    world = connect_to(getenv("AMENDS_TEST_DATABASE_URL"), NULL);
    tell(scope_printf(s, "drop database %s", world_name));
    PQfinish(world);
}
