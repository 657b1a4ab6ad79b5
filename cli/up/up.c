/* amends up: the whole service on one machine, with a private PostgreSQL. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli/command.h"
#include "cli/up/up_admin.h"
#include "cli/up/up_cluster.h"
#include "cli/up/up_place.h"
#include "cli/up/up_supervise.h"
#include "core/net/listen.h"
#include "core/log.h"
#include "core/db/migrate.h"
#include "messages/channels.h"
#include "templates/check/check.h"

static struct {
    const char *data, *listen;
} given = {.data = "var"};

static const struct command_option options[] = {
    OPTION(&given.data, .name = "data", .key = 'd', .arg = "DIR", .doc = "Data directory (./var)"),
    OPTION(&given.listen, .name = "listen", .key = 'l', .arg = "HOST:PORT",
        .doc = "Listening address (127.0.0.1:8080); port 0 picks one"),
    {0}};

/* HOST:PORT with the bound port, and its URL on this machine. */
static enum rc name_address(
    struct scope *s, const char *listen, int port, const char **ret_listen, const char **ret_url)
{
    const char *host = NULL, *asked = NULL;
    TRY(listen_split(s, listen, &host, &asked));
    bool any = !*host || !strcmp(host, "*") || !strcmp(host, "0.0.0.0") || !strcmp(host, "::");
    const char *open = strchr(host, ':') ? "[" : "", *close = *open ? "]" : "";
    *ret_listen = scope_printf(s, "%s%s%s:%d", open, host, close, port);
    *ret_url = any ? scope_printf(s, "http://127.0.0.1:%d", port)
                   : scope_printf(s, "http://%s", *ret_listen);
    return RC_OK;
}

static enum rc prepare_database(struct scope *s, const struct place *place)
{
    TRY(cluster_database(s, place));
    struct db *db = db_new(cluster_url(s, place), "amends up");
    int applied = 0;
    enum rc rc = migrate_run(s, db, &applied);
    if (rc == RC_OK)
        rc = cluster_let_roles_in(s, db);
    if (rc == RC_OK)
        rc = admin_api_key(s, place, db);
    db_free(db);
    if (applied)
        log_event(LOG_INFO, "migrated", LOG_INT("applied", applied));
    return rc;
}

struct up {
    struct place place;
    struct supervisor supervisor;
    const char *config_file; /* absolute, or NULL */
    const char *key_file;
    const char *listen;
    const char *public_url;
    const char *templates_dir; /* absolute, or "" */
    int listen_fd;
};

static const char *const *role_environment(struct scope *s, const struct up *up, const char *role)
{
    const char **env = SCOPE_ARRAY(s, const char *, 7);
    env[0] = scope_printf(s, "AMENDS_DATABASE_URL=%s", cluster_role_url(s, &up->place, role));
    env[1] = scope_printf(s, "AMENDS_KEY_FILE=%s", up->key_file);
    env[2] = scope_printf(s, "AMENDS_LISTEN=%s", up->listen);
    env[3] = scope_printf(s, "AMENDS_PUBLIC_URL=%s", up->public_url);
    env[4] = scope_printf(s, "AMENDS_TEMPLATES_DIR=%s", up->templates_dir);
    env[5] = scope_printf(s, "NOTIFY_SOCKET=%s", up->supervisor.notify_path);
    return env;
}

static void want_roles(struct scope *s, struct up *up)
{
    static const char *const names[] = {"api", "notifier", "billing"};
    for (int i = 0; i < CHILD_COUNT - CHILD_ROLES; i++) {
        const char **argv = SCOPE_ARRAY(s, const char *, 5);
        argv[0] = "amends";
        argv[1] = names[i];
        argv[2] = up->config_file ? "--config" : NULL;
        argv[3] = up->config_file;
        up->supervisor.children[CHILD_ROLES + i] = (struct child){.name = names[i],
            .wanted = true,
            .spawn = {.argv = argv,
                .env = role_environment(s, up, names[i]),
                .death_signal = SIGTERM,
                .listen_fd = i == 0 ? up->listen_fd : -1}};
    }
}

static enum rc start_all(struct scope *s, struct up *up, const struct config *config)
{
    struct supervisor *supervisor = &up->supervisor;
    TRY(supervisor_open(s, supervisor, &up->place));
    int port = 0;
    TRY(listen_open(s, config->listen, &up->listen_fd, &port));
    TRY(name_address(s, config->listen, port, &up->listen, &supervisor->url));
    up->public_url = *config->public_url ? config->public_url : supervisor->url;
    up->key_file = *config->key_file ? config->key_file : up->place.master_key;
    if (!*config->key_file)
        TRY(admin_master_key(s, &up->place));
    struct child *server = &supervisor->children[CHILD_SERVER];
    server->name = "postgres";
    TRY(cluster_prepare(s, &up->place, &server->spawn));
    TRY(supervisor_server(s, supervisor));
    TRY(prepare_database(s, &up->place));
    want_roles(s, up);
    return RC_OK;
}

/* On any failure, stop the started processes in order. */
static int supervise(struct scope *s, struct up *up, const struct config *config)
{
    int code = 0;
    enum rc rc = start_all(s, up, config);
    bool asked = up->supervisor.phase >= PHASE_DRAINING;
    if (rc != RC_OK && !asked)
        code = command_fail("amends up", s);
    if (rc != RC_OK && !asked)
        supervisor_stop(&up->supervisor);
    while (up->supervisor.phase != PHASE_ENDED)
        supervisor_turn(&up->supervisor, -1);
    place_close(&up->place);
    return code ? code : up->supervisor.exit_code;
}

/* The roles run in another directory. A path that does not exist stays as it is. */
static const char *absolute(struct scope *s, const char *path)
{
    char *found = *path ? realpath(path, NULL) : NULL;
    const char *kept = scope_strdup(s, found ? found : path);
    free(found);
    return kept;
}

static enum rc run(struct scope *s, struct invocation *in)
{
    if (given.listen)
        in->config.listen = given.listen;
    if (*in->config.database_url)
        log_event(LOG_WARN, "AMENDS_DATABASE_URL is ignored: up has its own database",
            LOG_TEXT("data", given.data));
    struct up up = {.listen_fd = -1, .supervisor = {.signal_fd = -1, .notify_fd = -1}};
    up.config_file = in->config_file ? absolute(s, in->config_file) : NULL;
    up.templates_dir = absolute(s, in->config.templates_dir);
    TRY(templates_use(s, up.templates_dir));
    TRY(channels_use(s));
    TRY(place_open(s, given.data, &up.place));
    in->exit = supervise(s, &up, &in->config);
    return RC_OK;
}

static const struct command_verb verbs[] = {{.name = "", .needs = NEED_CONFIG, .run = run}, {0}};

const struct command command_up = {.name = "up",
    .summary = "Run everything here, with a private PostgreSQL",
    .doc = "Run the api, the notifier and billing here, with a private PostgreSQL. Prints `ready "
           "URL` when all are ready; DIR/admin.key then contains an API key.",
    .options = options,
    .verbs = verbs,
    .share = SHARE_CONFIG};
