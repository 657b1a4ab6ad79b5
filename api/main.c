/* The api role: keys, socket, server, readiness, drain. */
#include <curl/curl.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "api/access/staff.h"
#include "api/checks.h"
#include "api/console/console.h"
#include "api/public/page_cache.h"
#include "api/call/site.h"
#include "api/http/proxies.h"
#include "api/server.h"
#include "api/readers/signup_settler.h"
#include "core/clock.h"
#include "core/db/db.h"
#include "core/net/listen.h"
#include "core/log.h"
#include "core/net/net.h"
#include "core/service.h"
#include "core/db/migrate.h"
#include "core/db/watch.h"

enum { DRAIN_US = 20 * 1000 * 1000 };

STMT(database_answers, "SELECT 1 FROM schema_migration LIMIT 1");

/* Ready means able to serve requests: the schema exists. */
static bool wait_for_database(const struct config *config)
{
    struct db *db = db_new(config->database_url, "api");
    bool answers = false;
    while (!answers && !service_stopping()) {
        SCOPE(s);
        int64_t n = 0;
        answers = db_do(s, db, &database_answers, NO_PARAMS, &n) == RC_OK && n;
        if (!answers)
            poll(&(struct pollfd){.fd = service_fd(), .events = POLLIN}, 1, 250);
        else
            migrate_warn(db);
    }
    db_free(db);
    return answers;
}

/* http://HOST:PORT for clients on this machine. */
static enum rc local_url(struct scope *s, const char *listen, int port, const char **ret)
{
    const char *host, *ignored;
    TRY(listen_split(s, listen, &host, &ignored));
    if (!*host || !strcmp(host, "*") || !strcmp(host, "0.0.0.0") || !strcmp(host, "::"))
        host = "127.0.0.1";
    bool six = strchr(host, ':');
    *ret = scope_printf(s, "http://%s%s%s:%d", six ? "[" : "", host, six ? "]" : "", port);
    return RC_OK;
}

static enum rc open_internal(struct scope *s, const struct config *config, int *ret_fd)
{
    int port;
    const char *url;
    if (!*config->metrics_listen)
        return RC_OK;
    TRY(listen_bind(s, config->metrics_listen, ret_fd, &port));
    TRY(local_url(s, config->metrics_listen, port, &url));
    log_event(LOG_INFO, "listening for metrics", LOG_TEXT("url", url));
    return RC_OK;
}

static void free_keys(void *keys)
{
    sign_free(keys);
}

static void run(const struct config *config, struct server *server, const char *url, int port)
{
    if (wait_for_database(config)) {
        service_ready(url);
        log_event(LOG_INFO, "listening", LOG_TEXT("url", url));
        while (!service_stopping())
            poll(&(struct pollfd){.fd = service_fd(), .events = POLLIN}, 1, service_alive());
    }
    server_stop(server, DRAIN_US);
    log_event(LOG_INFO, "stopped", LOG_INT("port", port));
}

static enum rc serve(struct scope *s, const struct config *config)
{
    struct sign *keys;
    const struct proxies *proxies;
    TRY(settings_check_all(s, config, api_checks));
    TRY(proxies_read(s, config, &proxies));
    TRY(sign_load(s, config->key_file, false, &keys));
    scope_defer(s, free_keys, keys);
    int fd, port;
    TRY(listen_open(s, config->listen, &fd, &port));
    const char *url;
    TRY(local_url(s, config->listen, port, &url));
    int internal_fd = -1;
    TRY(open_internal(s, config, &internal_fd));
    struct api api = {.config = config,
        .keys = keys,
        .proxies = proxies,
        .site = site_new(),
        .staff = &staff_guard,
        .staff_failure = console_failure,
        .public_url = *config->public_url ? config->public_url : url};
    api.page_cache = page_cache_start(&api);
    struct server *server = NULL;
    struct signup_settler *settler = signup_settler_start(&api);
    struct watch *keys_watch = auth_watch(config->database_url);
    enum rc rc = server_start(s, &api, fd, internal_fd, &server);
    if (rc == RC_OK)
        run(config, server, url, port);
    watch_stop(keys_watch);
    signup_settler_stop(settler);
    page_cache_stop(api.page_cache);
    site_free(api.site);
    return rc;
}

int api_main(const struct config *config)
{
    SCOPE(s);
    enum rc rc = sodium_init() < 0 ? fail(s, RC_INTERNAL, "libsodium cannot be initialised")
                                   : service_start(s);
    net_start();
    if (rc == RC_OK)
        rc = serve(s, config);
    if (rc != RC_OK)
        log_fault("api ends", s);
    return rc_exit_code(rc);
}
