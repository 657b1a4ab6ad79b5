/*
 * SQL from standard input, as psql -At takes it, whose credit runs are stepped by billing's own
 * code: after each command every run that waits takes its step, in the same transaction. For tests
 * and benches that play many runs without a service.
 *
 *     steps CONNINFO < script
 *
 * A command ends its last line with ";" or with "\gset", which keeps its only row as variables;
 * :name outside of quotes stands for one. "begin;" to "rollback;" is a transaction. "\timing": each
 * command prints its time, steps included. Notices go to standard error. The first error ends it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "billing/run.h"
#include "core/clock.h"
#include "core/strbuf.h"

enum { MAX_BYTES = 256 * 1024 * 1024, VARIABLES = 256, NAME = 32, VALUE = 64 };

static struct {
    struct db *db;
    char *line;
    size_t room;
    struct variable {
        char name[NAME], value[VALUE];
    } variables[VARIABLES];
    size_t n;
    bool timing;
} run;

__attribute__((noreturn)) static void die(const char *what, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "steps: %.200s: %s\n", what, why);
    exit(3);
}

STMT(steps_waiting,
    "SELECT id FROM credit_run WHERE state IN ('computing', 'approved') ORDER BY id LIMIT 1",
    .row = &row_int);
static void take_steps(void)
{
    SCOPE(s);
    int64_t id;
    enum rc rc;
    while ((rc = db_one(s, run.db, &steps_waiting, NO_PARAMS, &id)) != RC_NOT_FOUND) {
        if (rc != RC_OK || run_step(s, run.db, id) != RC_OK)
            die("a step", s->fault.message);
    }
}

static void keep(const PGresult *result)
{
    for (int i = 0; i < PQnfields(result); i++) {
        size_t at = 0;
        while (at < run.n && strcmp(run.variables[at].name, PQfname(result, i)) != 0)
            at++;
        if (at == VARIABLES || PQntuples(result) != 1)
            die(PQfname(result, i), "no variable for it, or not one row");
        snprintf(run.variables[at].name, NAME, "%s", PQfname(result, i));
        snprintf(run.variables[at].value, VALUE, "%s", PQgetvalue(result, 0, i));
        run.n += at == run.n;
    }
}

static void print(const PGresult *result)
{
    for (int row = 0; row < PQntuples(result); row++) {
        for (int i = 0; i < PQnfields(result); i++)
            printf("%s%s", i ? "|" : "", PQgetvalue(result, row, i));
        putchar('\n');
    }
}

static void tell(void *arg, const PGresult *result)
{
    (void)arg;
    fputs(PQresultErrorMessage(result), stderr);
}

/* Of this process and its backend, which other load inflates less than the clock. */
static double processor_ms(PGconn *conn)
{
    char path[NAME];
    struct timespec own;
    long long backend = 0;
    snprintf(path, sizeof path, "/proc/%d/schedstat", PQbackendPID(conn));
    CLEANUP(file_close) FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%lld", &backend) != 1)
        die(path, "cannot be read");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
    return (double)backend / 1e6 + (double)own.tv_sec * 1e3 + (double)own.tv_nsec / 1e6;
}

static void execute(const char *sql, bool kept)
{
    SCOPE(s);
    PGconn *conn;
    int64_t start = clock_monotonic();
    if (db_raw(s, run.db, &conn) != RC_OK)
        die("connection", s->fault.message);
    PQsetNoticeReceiver(conn, tell, NULL);
    double used = run.timing ? processor_ms(conn) : 0;
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY)
        die(sql, PQerrorMessage(conn));
    if (kept)
        keep(result);
    else
        print(result);
    PQclear(result);
    take_steps();
    if (run.timing)
        printf("Time: %.3f ms, processor %.3f ms\n", (double)(clock_monotonic() - start) / 1000.0,
            processor_ms(conn) - used);
    fflush(stdout);
}

static const char *value_of(const char *name, size_t len)
{
    for (size_t i = 0; i < run.n; i++) {
        if (strlen(run.variables[i].name) == len && !memcmp(run.variables[i].name, name, len))
            return run.variables[i].value;
    }
    return NULL;
}

static void substitute(const char *sql, struct strbuf *ret)
{
    bool quoted = false;
    for (const char *at = sql; *at; at++) {
        size_t len = 0;
        quoted ^= *at == '\'';
        while (*at == ':' && !quoted && isalnum((unsigned char)at[1 + len]))
            len++;
        const char *value = len ? value_of(at + 1, len) : NULL;
        if (value)
            strbuf_addstr(ret, value);
        else
            strbuf_addch(ret, *at);
        at += value ? len : 0;
    }
}

static bool ends(struct strbuf *b, const char *end)
{
    size_t len = strlen(end);
    return b->len >= len && !memcmp(b->buf + b->len - len, end, len);
}

/* The next command without "\gset"; false at the end of the script. */
static bool next(struct strbuf *ret, bool *ret_kept)
{
    ssize_t len;
    strbuf_clear(ret);
    while ((len = getline(&run.line, &run.room, stdin)) > 0) {
        while (len && isspace((unsigned char)run.line[len - 1]))
            len--;
        if (ret->len)
            strbuf_addch(ret, '\n');
        strbuf_add(ret, run.line, (size_t)len);
        *ret_kept = ends(ret, "\\gset");
        if (*ret_kept) {
            ret->len -= strlen("\\gset");
            ret->buf[ret->len] = '\0';
        }
        if (*ret_kept || ends(ret, ";") || run.line[0] == '\\')
            return true;
    }
    return false;
}

static enum rc play(struct scope *s, struct db *db, void *arg);

static bool is(const struct strbuf *b, const char *word)
{
    return !strcmp(b->buf, word);
}

static void obey(struct strbuf *command, bool kept)
{
    SCOPE(s);
    STRBUF(sql, MAX_BYTES);
    if (is(command, "\\timing")) {
        run.timing = !run.timing;
    } else if (is(command, "begin;")) {
        if (db_rehearse(s, run.db, play, NULL) != RC_OK)
            die("rollback", s->fault.message);
    } else {
        substitute(command->buf, &sql);
        execute(sql.buf, kept);
    }
}

static enum rc play(struct scope *s, struct db *db, void *arg)
{
    STRBUF(command, MAX_BYTES);
    bool kept;
    (void)s;
    (void)db;
    (void)arg;
    while (next(&command, &kept) && !is(&command, "rollback;"))
        obey(&command, kept);
    return RC_OK;
}

int main(int argc, char **argv)
{
    SCOPE(s);
    if (argc != 2)
        die("usage", "steps CONNINFO");
    run.db = db_new(argv[1], "steps");
    enum rc rc = play(s, run.db, NULL);
    db_free(run.db);
    free(run.line);
    return rc_exit_code(rc);
}
