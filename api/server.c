#include "api/server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/call/dispatch.h"
#include "api/http/clients.h"
#include "api/public/page_cache.h"
#include "api/http/head.h"
#include "api/http/multipart.h"
#include "api/broadcasts/streams.h"
#include "api/http/workers.h"
#include "api/respond.h"
#include "core/clock.h"
#include "core/log.h"

enum {
    POOL = 2,
    WORKERS = 4,
    CONNECTIONS = 4000,
    TIMEOUT_S = 60,                /* of silence */
    BODY_S = 60,                   /* for a body that is kept in memory */
    IDLE_S = 75,                   /* from a reply to the whole head of the next request */
    BODIES_MAX = 64 * 1024 * 1024, /* octets of all bodies in memory */
    LOCK_WAIT_MS = 500,            /* on a thread that serves many connections */
    CONNECTION_MEMORY = 20 * 1024, /* for a request's and a reply's head; cleared per request */
    UNREAD_MAX = 16 * 1024 * 1024,
    REPLY_MAX = 512 * 1024 * 1024,
    ID_SIZE = 2 * crypto_shorthash_BYTES + 1
};

struct server {
    const struct api *api;
    struct MHD_Daemon *daemon;
    struct workers *workers;
    struct workers *importer; /* one thread, for imports whose client does not wait */
    struct streams *streams;
    struct clients *clients;
    atomic_int active;    /* exchanges from their head to their last byte */
    atomic_size_t bodies; /* octets of bodies in memory */
    atomic_bool draining;
    _Atomic uint64_t n_requests;
    unsigned char id_key[crypto_shorthash_KEYBYTES];
    pthread_mutex_t lock;
    struct db *db[POOL + 2]; /* of the event threads, to be closed at the end */
    size_t n_db;
};

/* One request and its reply; work is the first member, so that a worker can convert the pointer. */
struct exchange {
    struct work work;
    struct server *server;
    struct MHD_Connection *connection;
    struct client *client;
    struct scope *s;
    struct request request;
    struct strbuf body;
    struct multipart *form; /* parser of a long multipart body */
    struct call call;
    struct head head;
    enum rc rc; /* result of the steps before the handler */
    bool begun, answered, too_large;
    size_t unread; /* discarded octets of the body */
};

static _Thread_local struct db *thread_db;

static struct db *event_db(struct server *server)
{
    if (thread_db)
        return thread_db;
    thread_db = db_new(server->api->config->database_url, "api");
    db_limit_waits(thread_db, LOCK_WAIT_MS);
    pthread_mutex_lock(&server->lock);
    if (server->n_db < sizeof(server->db) / sizeof(server->db[0]))
        server->db[server->n_db++] = thread_db;
    pthread_mutex_unlock(&server->lock);
    return thread_db;
}

/* Unique, without revealing the number of requests. */
static char *new_id(struct server *server, struct scope *s)
{
    uint64_t n = atomic_fetch_add(&server->n_requests, 1);
    unsigned char hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, (const unsigned char *)&n, sizeof(n), server->id_key);
    return sodium_bin2hex(scope_alloc(s, ID_SIZE), ID_SIZE, hash, sizeof(hash));
}

static void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    if (x->begun)
        atomic_fetch_sub(&x->server->active, 1);
    atomic_fetch_sub(&x->server->bodies, x->body.len);
    strbuf_release(&x->body);
    multipart_free(x->form);
    strbuf_release(&x->call.reply.body);
    if (x->request.upload && !x->call.keeps_upload)
        fclose(x->request.upload);
    if (x->call.reply.file)
        fclose(x->call.reply.file);
    if (x->call.reply.stream)
        streams_close(x->call.reply.stream);
    scope_free(x->s);
    free(x);
}

static struct client *client_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* The raw target: libmicrohttpd decodes the one passed to the handler, and cuts it at %00. A
 * request that it rejects itself reaches neither the handler nor on_completed, so the client keeps
 * it. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
    struct server *server = arg;
    struct exchange *x = calloc(1, sizeof(*x));
    if (!x)
        abort();
    x->server = server;
    x->connection = connection;
    x->client = client_of(connection);
    x->s = scope_new();
    x->request.target = scope_strndup(x->s, target, strnlen(target, REQUEST_TARGET_MAX + 1));
    x->request.id = new_id(server, x->s);
    x->body = (struct strbuf)STRBUF_INIT(0);
    x->call = (struct call){.s = x->s,
        .api = server->api,
        .streams = server->streams,
        .importer = server->importer,
        .request = &x->request,
        .reply.body = STRBUF_INIT(REPLY_MAX)};
    exchange_free(x->client->unbegun);
    x->client->unbegun = x;
    return x;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode code)
{
    (void)arg, (void)code;
    struct client *client = client_of(connection);
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

/* A long body is stored in an unnamed file, so that an aborted upload leaves nothing behind. */
static enum rc begin_upload(struct exchange *x)
{
    if (!(x->request.upload = tmpfile()))
        return fail(x->s, RC_INTERNAL, "no temporary file for the body: %m");
    if (!multipart_is(x->request.content_type))
        return RC_OK;
    x->form = multipart_new(x->s, x->connection, &x->request);
    if (!x->form)
        return refuse(&x->call, 400, "the form's boundary is missing");
    x->request.content_type =
        "multipart/form-data"; /* the body cannot be parsed without the boundary */
    return RC_OK;
}

static void begin(struct exchange *x, const char *verb)
{
    x->begun = true;
    x->client->unbegun = NULL;
    atomic_fetch_add(&x->server->active, 1);
    x->request.verb = scope_strdup(x->s, verb);
    head_read(x->s, x->connection, x->server->api->proxies, &x->request, &x->head);
    x->call.db = event_db(x->server);
    x->rc = x->head.fault ? refuse(&x->call, 400, "%s", x->head.fault)
                          : dispatch_head(&x->call, x->head.announced);
    x->body.max = dispatch_ceiling(&x->call);
    if (x->rc == RC_OK && x->call.route->upload)
        x->rc = begin_upload(x);
    client_expect(x->client, x->request.upload ? 0 : BODY_S * CLOCK_SECOND);
}

static enum MHD_Result reply_to(struct exchange *x)
{
    return respond(x->connection, &x->call.reply, x->request.id, atomic_load(&x->server->draining));
}

static void answer(struct exchange *x, struct db *db)
{
    x->call.db = db;
    if (x->too_large && x->rc == RC_OK)
        x->rc = refuse(&x->call, 413, "the body may have at most %zu bytes", x->body.max);
    x->request.body = x->body.buf;
    if (x->form && x->rc == RC_OK)
        x->rc = multipart_end(x->form);
    if (x->request.upload && x->rc == RC_OK && fseek(x->request.upload, 0, SEEK_SET) != 0)
        x->rc = fail(x->s, RC_RETRY, "cannot store the body: %m");
    if (!x->request.upload)
        x->request.len = x->body.len;
    dispatch_answer(&x->call, x->rc);
    x->answered = true;
}

static void answer_on_worker(struct work *work, struct db *db)
{
    struct exchange *x = (struct exchange *)work;
    struct MHD_Connection *connection = x->connection;
    answer(x, db);
    MHD_resume_connection(connection);
}

static void keep_in_file(struct exchange *x, const char *bytes, size_t len)
{
    x->too_large = x->request.len + len > x->body.max;
    x->request.len += len;
    if (x->too_large)
        return;
    if (x->form)
        x->rc = multipart_take(x->form, bytes, len);
    else if (fwrite(bytes, 1, len, x->request.upload) != len)
        x->rc = fail(x->s, RC_RETRY, "cannot store the body: %m");
}

/* Store a piece of the body; false: too much, close. The body of a failed request is read and
 * dropped, because a client does not read the response while it sends. */
static bool take_body(struct exchange *x, const char *bytes, size_t len)
{
    if (x->rc != RC_OK || x->too_large) {
        x->unread += len;
        return x->unread <= UNREAD_MAX;
    }
    if (x->request.upload) {
        keep_in_file(x, bytes, len);
        return true;
    }
    if (atomic_fetch_add(&x->server->bodies, len) + len > BODIES_MAX)
        x->rc = fail(x->s, RC_RETRY, "too many requests have a body at the moment");
    else
        strbuf_add(&x->body, bytes, len);
    x->too_large = x->body.overflow;
    if (x->rc == RC_OK && !x->too_large)
        return true;
    atomic_fetch_sub(&x->server->bodies, len + x->body.len);
    strbuf_release(&x->body);
    return true;
}

/* Reply before the body, and close, if reading it would be dangerous or expensive. */
static bool answers_at_once(const struct exchange *x)
{
    bool dear = x->head.waits || x->head.announced > UNREAD_MAX;
    return x->call.refusal == 400 || (x->call.refusal == 413 && dear);
}

/* A request of staff or a key that writes may wait for a lock. */
static bool is_slow(struct exchange *x)
{
    const struct route *route = x->call.route;
    bool writes = route->scope && route->verb != GET;
    return route->cached_page ? !cached_page_ready(&x->call) : route->slow || writes;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
    const char *verb, const char *version, const char *bytes, size_t *len, void **state)
{
    (void)arg, (void)connection, (void)url, (void)version;
    struct exchange *x = *state;
    if (!x->begun) {
        begin(x, verb);
        if (!answers_at_once(x))
            return MHD_YES;
        answer(x, x->call.db);
        return reply_to(x);
    }
    if (*len) {
        bool more = take_body(x, bytes, *len);
        *len = 0;
        return more ? MHD_YES : MHD_NO;
    }
    client_expect(x->client, 0);
    if (!x->answered && x->rc == RC_OK && is_slow(x)) {
        x->work.run = answer_on_worker;
        MHD_suspend_connection(connection);
        workers_add(x->server->workers, &x->work);
        return MHD_YES;
    }
    if (!x->answered)
        answer(x, event_db(x->server));
    return reply_to(x);
}

static void on_library_error(void *arg, const char *fmt, va_list ap)
{
    (void)arg;
    SCOPE(s);
    log_event(LOG_DEBUG, "libmicrohttpd", LOG_TEXT("error", scope_vprintf(s, fmt, ap)));
}

enum rc server_start(struct scope *s, const struct api *api, int fd, struct server **ret)
{
    struct server *server = calloc(1, sizeof(*server));
    if (!server)
        abort();
    server->api = api;
    pthread_mutex_init(&server->lock, NULL);
    crypto_shorthash_keygen(server->id_key);
    server->clients = clients_new(api->proxies, (int)api->config->connections_per_address);
    server->workers = workers_new(api->config->database_url, WORKERS);
    server->importer = workers_new(api->config->database_url, 1);
    server->streams = streams_new(api->config->database_url);
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, on_connect,
        server, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_error, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)POOL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_END);
    if (!server->daemon) {
        server_stop(server, 0);
        return fail(s, RC_INTERNAL, "libmicrohttpd cannot be started");
    }
    *ret = server;
    return RC_OK;
}

void server_stop(struct server *server, int64_t grace_us)
{
    atomic_store(&server->draining, true);
    streams_end(server->streams);
    MHD_socket fd = server->daemon ? MHD_quiesce_daemon(server->daemon) : MHD_INVALID_SOCKET;
    int64_t until = clock_monotonic() + grace_us;
    while (atomic_load(&server->active) && clock_monotonic() < until)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    workers_free(
        server->workers); /* resumes suspended connections: call before stopping the daemon */
    workers_free(server->importer);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    streams_free(server->streams);
    clients_free(server->clients);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
    for (size_t i = 0; i < server->n_db; i++)
        db_free(server->db[i]);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
