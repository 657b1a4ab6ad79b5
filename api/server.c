#include "api/server.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "api/broadcasts/streams.h"
#include "api/exchange.h"
#include "core/clock.h"
#include "core/log.h"

enum {
    WORKERS = 4,
    CONNECTIONS = 4000,
    ROOM = 400, /* for readers, while others hold the rest */
    INTERNAL_CONNECTIONS = 64,
    TIMEOUT_S = 60,                /* of silence */
    IDLE_S = 75,                   /* from a reply to the whole head of the next request */
    CONNECTION_MEMORY = 20 * 1024, /* for a request's and a reply's head; cleared per request */
};

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode code)
{
    (void)arg, (void)code;
    struct client *client = exchange_client(connection);
    if (client->unbegun == *state)
        client->unbegun = NULL;
    exchange_free(*state);
    *state = NULL;
    client_expect(client, IDLE_S * CLOCK_SECOND);
}

static enum MHD_Result on_connect(void *arg, const struct sockaddr *address, socklen_t len)
{
    (void)len;
    struct server *server = arg;
    return clients_admit(server->clients, address) ? MHD_YES : MHD_NO;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code)
{
    struct server *server = arg;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        struct client *client = *context;
        exchange_free(client->unbegun);
        client_free(client);
        return;
    }
    const struct sockaddr *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    *context = client_new(server->clients, address, fd);
}

static void on_library_error(void *arg, const char *fmt, va_list ap)
{
    (void)arg;
    SCOPE(s);
    log_event(LOG_DEBUG, "libmicrohttpd", LOG_TEXT("error", scope_vprintf(s, fmt, ap)));
}

static struct MHD_Daemon *start(struct server *server, int fd, unsigned threads, unsigned most)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, on_connect,
        server, exchange_step, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_error, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, threads,
        MHD_OPTION_CONNECTION_LIMIT, most, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK,
        exchange_target, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_END);
}

enum rc server_start(
    struct scope *s, const struct api *api, int fd, int internal_fd, struct server **ret)
{
    struct server *server = calloc(1, sizeof(*server));
    if (!server)
        abort();
    server->api = api;
    pthread_mutex_init(&server->lock, NULL);
    crypto_shorthash_keygen(server->id_key);
    server->clients =
        clients_new(api->proxies, (int)api->config->connections_per_address, CONNECTIONS - ROOM);
    server->workers = workers_new(api->config->database_url, WORKERS);
    server->importer = workers_new(api->config->database_url, 1);
    server->streams = streams_new(api->config->database_url);
    if (internal_fd >= 0)
        server->internal = start(server, internal_fd, 0, INTERNAL_CONNECTIONS);
    if (internal_fd < 0 || server->internal)
        server->daemon = start(server, fd, SERVER_POOL, CONNECTIONS);
    if (!server->daemon) {
        server_stop(server, 0);
        return fail(s, RC_INTERNAL, "libmicrohttpd cannot be started");
    }
    *ret = server;
    return RC_OK;
}

/* Accept no more; the socket, to be closed when the daemon has ended. */
static MHD_socket quiesce(struct MHD_Daemon *daemon)
{
    return daemon ? MHD_quiesce_daemon(daemon) : MHD_INVALID_SOCKET;
}

static void end(struct MHD_Daemon *daemon, MHD_socket fd)
{
    if (daemon)
        MHD_stop_daemon(daemon);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
}

void server_stop(struct server *server, int64_t grace_us)
{
    atomic_store(&server->draining, true);
    streams_end(server->streams);
    MHD_socket fd = quiesce(server->daemon), internal_fd = quiesce(server->internal);
    int64_t until = clock_monotonic() + grace_us;
    while (atomic_load(&server->active) && clock_monotonic() < until)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    workers_free(
        server->workers); /* resumes suspended connections: call before stopping the daemons */
    workers_free(server->importer);
    end(server->daemon, fd);
    end(server->internal, internal_fd);
    streams_free(server->streams);
    clients_free(server->clients);
    for (size_t i = 0; i < server->n_db; i++)
        db_free(server->db[i]);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
