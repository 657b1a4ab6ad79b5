#pragma once
/*
 * A migrated database of its own inside the cluster of AMENDS_TEST_DATABASE_URL, filled
 * from tests/cases by credit_world.sql. Each test is rehearsed (world_play), so that every run
 * meets the same fresh world.
 *
 * Runs are computed by billing's own code: after each statement the runs that wait take their
 * steps. In a text, draft(POLICY, REFS) stands for the id of a run that was just drafted and
 * issue(RUN) for the state in which its issue ended; their arguments are constants or subqueries.
 */
#include <ctype.h>
#include <glob.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/db/db.h"
#include "core/json.h"
#include "core/db/migrate.h"
#include "billing/policy.h"
#include "billing/run.h"
#include "tests/unit/tap.h"

static PGconn *world;
static struct db *world_db; /* of the same connection, once the world is made */
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

STMT(world_waiting,
    "SELECT id FROM credit_run WHERE state IN ('computing', 'approved') ORDER BY id LIMIT 1",
    .row = &row_int);
STMT(world_planned, "SELECT approve_planned($1) AS is_planned", .row = &row_bool);

/* The steps of all runs that wait, in their order; a planned one is issued before the next. */
static void take_steps(void)
{
    SCOPE(s);
    int64_t id;
    enum rc rc;
    bool is_planned;
    while (world_db && (rc = db_one(s, world_db, &world_waiting, NO_PARAMS, &id)) == RC_OK) {
        if (run_step(s, world_db, id) != RC_OK ||
            db_one(s, world_db, &world_planned, PARAMS(P_INT(id)), &is_planned) != RC_OK)
            bail("step", s->fault.message);
    }
    if (world_db && rc != RC_NOT_FOUND)
        bail("steps", s->fault.message);
}

/* The first column of the first row, owned by s; "" without a row. */
static char *ask_plainly(struct scope *s, const char *sql)
{
    PGresult *result = PQexec(world, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        bail(sql, PQerrorMessage(world));
    char *text = scope_strdup(s, PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    take_steps();
    return text;
}

/* The call of draft or issue that comes first, outside of longer names; NULL: none. */
static const char *find_call(const char *text)
{
    for (const char *at = text; *at; at++) {
        bool begins = at == text || (!isalnum((unsigned char)at[-1]) && !strchr("._", at[-1]));
        if (begins && (!strncmp(at, "draft(", 6) || !strncmp(at, "issue(", 6)))
            return at;
    }
    return NULL;
}

static const char *close_of(const char *open)
{
    int depth = 0;
    const char *at = open;
    do
        depth += (*at == '(') - (*at == ')');
    while (*at && (at++, depth));
    return at;
}

static char *play_calls(struct scope *s, const char *text)
{
    const char *call = find_call(text);
    if (!call)
        return scope_strdup(s, text);
    const char *open = call + strlen("draft"), *end = close_of(open);
    char *inner = play_calls(s, scope_strndup(s, open, (size_t)(end - open)));
    char *run = ask_plainly(s, scope_printf(s, "select %.5s%s", call, inner));
    char *state =
        ask_plainly(s, scope_printf(s, "select state from credit_run where id = %s", run));
    if (*call == 'd' && strcmp(state, "draft") != 0)
        bail(call,
            ask_plainly(s, scope_printf(s, "select failure from credit_run where id = %s", run)));
    const char *value = *call == 'd' ? run : scope_printf(s, "'%s'", state);
    return scope_printf(s, "%.*s%s%s", (int)(call - text), text, value, play_calls(s, end));
}

/* The first column of the first row, owned by s; "" without a row. */
static char *ask(struct scope *s, const char *sql)
{
    return ask_plainly(s, play_calls(s, sql));
}

/* The end of a statement: a semicolon outside of $$. */
static const char *statement_end(const char *sql)
{
    bool body = false;
    while (*sql && (body || *sql != ';')) {
        body ^= !strncmp(sql, "$$", 2);
        sql += strncmp(sql, "$$", 2) ? 1 : 2;
    }
    return sql;
}

__attribute__((unused)) static void tell(const char *sql)
{
    while (*sql) {
        SCOPE(s);
        const char *end = statement_end(sql);
        ask(s, scope_strndup(s, sql, (size_t)(end - sql)));
        sql = end + (*end != '\0');
    }
}

/* Loads a file: nothing in it is a call to play. */
static void load(const char *sql)
{
    PGresult *result = PQexec(world, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        bail(sql, PQerrorMessage(world));
    PQclear(result);
}

typedef void play_fn(const void *arg);

struct playing {
    play_fn *fn;
    const void *arg;
};

static enum rc play_one(struct scope *s, struct db *db, void *arg)
{
    const struct playing *playing = arg;
    (void)s;
    (void)db;
    playing->fn(playing->arg);
    return RC_OK;
}

/* In a transaction that is rolled back. */
__attribute__((unused)) static void world_play(play_fn *fn, const void *arg)
{
    SCOPE(s);
    if (db_rehearse(s, world_db, play_one, &(struct playing){.fn = fn, .arg = arg}) != RC_OK)
        bail("rollback", s->fault.message);
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
    load("create table case_file (name text, document jsonb);"
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

static void world_make(struct scope *s)
{
    load_files(s);
    add_policies(s);
    load(read_all(s, "tests/unit/billing/credit_world.sql"));
}

static void world_open(void)
{
    const char *base = getenv("AMENDS_TEST_DATABASE_URL");
    if (!base)
        bail("AMENDS_TEST_DATABASE_URL", "not set: run through tests/with_postgres.sh");
    SCOPE(s);
    snprintf(world_name, sizeof world_name, "credits_%d", (int)getpid());
    world = connect_to(base, NULL);
    load(scope_printf(s, "create database %s", world_name));
    char *url = scope_printf(s, "postgresql://%s@/%s?host=%s&port=%s", PQuser(world), world_name,
        PQhost(world), PQport(world));
    PQfinish(world);
    struct db *db = db_new(url, "test");
    int applied;
    if (migrate_run(s, db, &applied) != RC_OK || db_raw(s, db, &world) != RC_OK)
        bail("migrations", s->fault.message);
    PQsetNoticeReceiver(world, ignore, NULL);
    world_make(s);
    world_db = db;
}

static void world_close(void)
{
    SCOPE(s);
    db_free(world_db);
    world_db = NULL;
    world = connect_to(getenv("AMENDS_TEST_DATABASE_URL"), NULL);
    load(scope_printf(s, "drop database %s", world_name));
    PQfinish(world);
}
