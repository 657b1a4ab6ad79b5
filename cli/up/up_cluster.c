#include "cli/up/up_cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/db/db.h"

#define DATABASE "amends"

/* Passed on the command line, so that they also apply to a cluster of an older amends.
 * terse: the DETAIL of server messages prints rows, which contain addresses. */
static const char *const settings[] = {
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=256MB",
    "effective_cache_size=1GB",
    "work_mem=16MB",
    "maintenance_work_mem=128MB",
    "synchronous_commit=on",
    "wal_compression=on",
    "max_wal_size=2GB",
    "checkpoint_timeout=15min",
    "checkpoint_completion_target=0.9",
    "random_page_cost=1.1",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off",
    "log_destination=stderr",
    "log_line_prefix=%m [%p] %a ",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "log_parameter_max_length_on_error=0",
};

static bool has_server(struct scope *s, const char *bin)
{
    return access(scope_printf(s, "%s/postgres", bin), X_OK) == 0 &&
           access(scope_printf(s, "%s/initdb", bin), X_OK) == 0;
}

/* Debian keeps the server's programs in a folder per major version, not in PATH. */
static const char *debian_bin(struct scope *s, const char *version)
{
    glob_t found = {0};
    const char *best = NULL;
    char *pattern = scope_printf(s, "/usr/lib/postgresql/%s/bin", version);
    glob(pattern, GLOB_NOSORT, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int prefix = (int)strlen("/usr/lib/postgresql/");
        const char *path = found.gl_pathv[i];
        if (has_server(s, path) && (!best || atoi(path + prefix) > atoi(best + prefix)))
            best = scope_strdup(s, path);
    }
    globfree(&found);
    return best;
}

static const char *path_bin(struct scope *s)
{
    char *rest = scope_strdup(s, getenv("PATH"));
    for (char *bin; (bin = strsep(&rest, ":"));)
        if (*bin && has_server(s, bin))
            return bin;
    return NULL;
}

/* "15" of an existing cluster, or NULL. */
static const char *cluster_version(struct scope *s, const char *cluster)
{
    FILE *file = fopen(scope_printf(s, "%s/PG_VERSION", cluster), "re");
    if (!file)
        return NULL;
    char text[16] = "";
    char *line = fgets(text, sizeof text, file);
    fclose(file);
    text[strcspn(text, "\n")] = '\0';
    return line && *text ? scope_strdup(s, text) : NULL;
}

static enum rc find_bin(struct scope *s, const char *version, const char **ret)
{
    const char *bin = debian_bin(s, version ? version : "*");
    if (!bin)
        bin = path_bin(s);
    if (!bin)
        return fail(s, RC_UPSTREAM,
            "no PostgreSQL %s server found in /usr/lib/postgresql/*/bin or PATH: "
            "apt-get install postgresql",
            version ? version : "");
    *ret = bin;
    return RC_OK;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* initdb into a folder with a temporary name: a cluster with the final name is complete. */
static enum rc make_cluster(struct scope *s, const struct place *place, const char *bin)
{
    char *fresh = scope_printf(s, "%s.new", place->cluster);
    nftw(fresh, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (mkdir(fresh, 0700) != 0)
        return fail(s, RC_INTERNAL, "cannot create %s: %m", fresh);
    TRY(place_give(s, place, fresh, 0700));
    /* initdb looks for the server next to its own argv[0]. */
    const char *program = scope_printf(s, "%s/initdb", bin);
    const char *const argv[] = {program, "-D", fresh, "-U", DATABASE, "--encoding=UTF8",
        "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject", "--data-checksums",
        "--no-instructions", NULL};
    static const char *const env[] = {"LC_ALL=C.UTF-8", NULL};
    TRY(spawn_wait(s, place,
        &(struct spawn){.file = program,
            .argv = argv,
            .env = env,
            .death_signal = SIGTERM,
            .listen_fd = -1,
            .log = place->log}));
    if (rename(fresh, place->cluster) != 0)
        return fail(s, RC_INTERNAL, "cannot rename %s: %m", fresh);
    return RC_OK;
}

static bool runs_in(struct scope *s, long pid, const char *dir)
{
    char cwd[PATH_MAX];
    ssize_t len = readlink(scope_printf(s, "/proc/%ld/cwd", pid), cwd, sizeof cwd);
    return len == (ssize_t)strlen(dir) && !memcmp(cwd, dir, (size_t)len);
}

/* We hold the instance's lock, so no server of ours runs. PostgreSQL trusts a stale postmaster.pid
 * if another process has its pid by now, as is common after the restart of a container. */
static enum rc clear_stale_pid(struct scope *s, const struct place *place)
{
    char *path = scope_printf(s, "%s/postmaster.pid", place->cluster);
    FILE *file = fopen(path, "re");
    if (!file)
        return RC_OK;
    long pid = 0;
    int n = fscanf(file, "%ld", &pid);
    fclose(file);
    if (n == 1 && pid > 0 && runs_in(s, pid, place->cluster))
        return fail(s, RC_CONFLICT,
            "a PostgreSQL that amends did not start runs on %s: stop pid %ld first", place->cluster,
            pid);
    unlink(path);
    return RC_OK;
}

static enum rc make_log(struct scope *s, const struct place *place)
{
    int fd = open(place->log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(s, RC_INTERNAL, "cannot open %s: %m", place->log);
    close(fd);
    return place_give(s, place, place->log, 0600);
}

static const char *const *server_argv(
    struct scope *s, const struct place *place, const char *program)
{
    size_t n = sizeof settings / sizeof settings[0], at = 0;
    const char **argv = SCOPE_ARRAY(s, const char *, 2 * n + 6);
    argv[at++] = program;
    argv[at++] = "-D";
    argv[at++] = place->cluster;
    for (size_t i = 0; i < n; i++) {
        argv[at++] = "-c";
        argv[at++] = settings[i];
    }
    argv[at++] = "-c";
    argv[at++] = scope_printf(s, "unix_socket_directories=\"%s\"", place->run);
    return argv;
}

static enum rc check_owner(struct scope *s, const struct place *place)
{
    struct stat st;
    if (stat(place->cluster, &st) == 0 && st.st_uid != place->uid)
        return fail(s, RC_CONFLICT,
            "%s belongs to uid %d, and the server would run as uid %d: start amends as the user "
            "who created it",
            place->cluster, (int)st.st_uid, (int)place->uid);
    return RC_OK;
}

enum rc cluster_prepare(struct scope *s, const struct place *place, struct spawn *ret)
{
    TRY(check_owner(s, place));
    const char *version = cluster_version(s, place->cluster);
    const char *bin = NULL;
    TRY(find_bin(s, version, &bin));
    TRY(make_log(s, place));
    if (!version)
        TRY(make_cluster(s, place, bin));
    TRY(clear_stale_pid(s, place));
    static const char *const env[] = {"LC_ALL=C.UTF-8", NULL};
    const char *program = scope_printf(s, "%s/postgres", bin);
    *ret = (struct spawn){.file = program,
        .argv = server_argv(s, place, program),
        .env = env,
        .death_signal = SIGINT, /* fast shutdown */
        .listen_fd = -1,
        .log = place->log};
    return RC_OK;
}

static const char *url_of(struct scope *s, const struct place *place, const char *database)
{
    return scope_printf(s, "host='%s' port=5432 user=" DATABASE " dbname=%s", place->run, database);
}

const char *cluster_role_url(struct scope *s, const struct place *place, const char *role)
{
    return scope_printf(s, "host='%s' port=5432 user=amends_%s dbname=" DATABASE, place->run, role);
}

/* The socket, in a folder with mode 0700, is trusted: its user can act as any role anyway. The
 * database roles limit the damage of a bug in one process, not the power of this user. */
STMT(cluster_api_login, "ALTER ROLE amends_api LOGIN");
STMT(cluster_notifier_login, "ALTER ROLE amends_notifier LOGIN");
STMT(cluster_billing_login, "ALTER ROLE amends_billing LOGIN");

enum rc cluster_let_roles_in(struct scope *s, struct db *db)
{
    TRY(db_do(s, db, &cluster_api_login, NO_PARAMS, NULL));
    TRY(db_do(s, db, &cluster_notifier_login, NO_PARAMS, NULL));
    return db_do(s, db, &cluster_billing_login, NO_PARAMS, NULL);
}

const char *cluster_url(struct scope *s, const struct place *place)
{
    return url_of(s, place, DATABASE);
}

bool cluster_accepts(struct scope *s, const struct place *place)
{
    return PQping(url_of(s, place, "postgres")) == PQPING_OK;
}

STMT(database_exists, "SELECT count(*) AS n FROM pg_database WHERE datname = '" DATABASE "'",
    .row = &row_int);
STMT(database_create, "CREATE DATABASE " DATABASE);

enum rc cluster_database(struct scope *s, const struct place *place)
{
    CLEANUP(db_close) struct db *db = db_new(url_of(s, place, "postgres"), "amends up");
    int64_t n;
    TRY(db_one(s, db, &database_exists, NO_PARAMS, &n));
    return n ? RC_OK : db_do(s, db, &database_create, NO_PARAMS, NULL);
}
