#include "api/server.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/dispatch.h"
#include "api/edition.h"
#include "api/streams.h"
#include "api/workers.h"
#include "core/clock.h"
#include "core/log.h"

enum {
    POOL = 2,
    WORKERS = 4,
    CONNECTIONS = 4000,
    TIMEOUT_S = 60,
    CONNECTION_MEMORY = 64 * 1024,
    UNREAD_MAX = 16 * 1024 * 1024,
    REPLY_MAX = 512 * 1024 * 1024
};

struct server {
    const struct api *api;
    struct MHD_Daemon *daemon;
    struct workers *workers;
    struct streams *streams;
    atomic_int active; /* exchanges between their first byte and their last */
    atomic_bool draining;
    pthread_mutex_t lock;
    struct db *db[POOL + 2]; /* of the event threads, to be closed */
    size_t n_db;
};

/* One request and its reply; work comes first, so that a worker finds its way back. */
struct exchange {
    struct work work;
    struct server *server;
    struct MHD_Connection *connection;
    struct scope *s;
    struct request request;
    struct strbuf body;
    struct call call;
    enum rc head;
    bool begun, answered, too_large;
    bool waits;        /* the client sends the body only when told to go on */
    int64_t announced; /* Content-Length */
    size_t unread;     /* octets of the body that were thrown away */
};

static _Thread_local struct db *thread_db;

static struct db *event_db(struct server *server)
{
    if (thread_db)
        return thread_db;
    thread_db = db_new(server->api->config->database_url, "api");
    pthread_mutex_lock(&server->lock);
    if (server->n_db < sizeof(server->db) / sizeof(server->db[0]))
        server->db[server->n_db++] = thread_db;
    pthread_mutex_unlock(&server->lock);
    return thread_db;
}

/* The raw target: libmicrohttpd decodes what it hands to the handler, and cuts it at %00. */
static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
    struct server *server = arg;
    struct exchange *x = calloc(1, sizeof(*x));
    if (!x)
        abort();
    x->server = server;
    x->connection = connection;
    x->s = scope_new();
    x->request.target = scope_strndup(x->s, target, REQUEST_TARGET_MAX + 1);
    x->request.id = sign_random(x->s, 12);
    x->body = (struct strbuf)STRBUF_INIT(0);
    x->call = (struct call){.s = x->s,
        .api = server->api,
        .streams = server->streams,
        .workers = server->workers,
        .request = &x->request,
        .reply.body = STRBUF_INIT(REPLY_MAX)};
    atomic_fetch_add(&server->active, 1);
    return x;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode code)
{
    (void)arg, (void)connection, (void)code;
    struct exchange *x = *state;
    if (!x)
        return;
    atomic_fetch_sub(&x->server->active, 1);
    strbuf_release(&x->body);
    strbuf_release(&x->call.reply.body);
    if (x->request.upload && !x->call.keeps_upload)
        fclose(x->request.upload);
    if (x->call.reply.file)
        fclose(x->call.reply.file);
    if (x->call.reply.stream)
        streams_close(x->call.reply.stream);
    scope_free(x->s);
    free(x);
    *state = NULL;
}

struct head_count {
    int host, length, encoding, authorization, spaced;
};

static enum MHD_Result count_header(
    void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind, (void)value;
    struct head_count *count = arg;
    count->host += !strcasecmp(name, "Host");
    count->length += !strcasecmp(name, "Content-Length");
    count->encoding += !strcasecmp(name, "Transfer-Encoding");
    count->authorization += !strcasecmp(name, "Authorization");
    count->spaced += strpbrk(name, " \t") != NULL;
    return MHD_YES;
}

/* What two programs could read in two ways (request smuggling, RFC 9112 11.2). */
static enum rc check_head(struct exchange *x)
{
    struct head_count count = {0};
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, count_header, &count);
    if (count.host > 1 || count.length > 1 || count.encoding > 1 || count.authorization > 1)
        return refuse(&x->call, 400, "a header that may stand once is repeated");
    if (count.spaced)
        return refuse(&x->call, 400, "a header's name holds a space");
    if (count.length && count.encoding)
        return refuse(&x->call, 400, "both Content-Length and Transfer-Encoding are given");
    return RC_OK;
}

static const char *header(struct exchange *x, const char *name)
{
    return scope_strdup(x->s, MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name));
}

/* Behind a proxy on this machine, whom the proxy names last. */
static const char *peer_of(struct exchange *x)
{
    const union MHD_ConnectionInfo *known =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char host[64] = "";
    if (known && known->client_addr)
        getnameinfo(known->client_addr,
            known->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                      : sizeof(struct sockaddr_in),
            host, sizeof(host), NULL, 0, NI_NUMERICHOST);
    const char *forwarded = header(x, "X-Forwarded-For");
    if (!forwarded || (strcmp(host, "127.0.0.1") != 0 && strcmp(host, "::1") != 0))
        return scope_strdup(x->s, host);
    const char *comma = strrchr(forwarded, ',');
    forwarded = comma ? comma + 1 : forwarded;
    return forwarded + strspn(forwarded, " ");
}

static void begin(struct exchange *x, const char *verb)
{
    x->begun = true;
    x->request.verb = scope_strdup(x->s, verb);
    x->request.authorization = header(x, "Authorization");
    x->request.content_type = header(x, "Content-Type");
    x->request.accept = header(x, "Accept");
    x->request.if_none_match = header(x, "If-None-Match");
    x->request.last_event_id = header(x, "Last-Event-ID");
    for (size_t i = 0; i < REQUEST_SIGNATURES; i++)
        x->request.signature[i] = header(x, request_signatures[i]);
    x->request.accept_language = header(x, "Accept-Language");
    x->request.accept_encoding = header(x, "Accept-Encoding");
    x->request.cookie = header(x, "Cookie");
    x->request.origin = header(x, "Origin");
    x->request.peer = peer_of(x);
    x->request.idempotency_key = header(x, "Idempotency-Key");
    const char *length = header(x, "Content-Length");
    x->announced = length ? strtoll(length, NULL, 10) : 0;
    x->waits = header(x, "Expect");
    x->call.db = event_db(x->server);
    x->head = check_head(x);
    if (x->head == RC_OK)
        x->head = dispatch_head(&x->call, x->announced);
    x->body.max = dispatch_ceiling(&x->call);
    if (x->head == RC_OK && x->call.route->upload && !(x->request.upload = tmpfile()))
        x->head = fail(x->s, RC_INTERNAL, "no temporary file for the body: %m");
}

/* The response gets a descriptor of its own. */
static struct MHD_Response *make_file_response(FILE *file)
{
    int fd = fflush(file) ? -1 : fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
    struct MHD_Response *response =
        fd < 0 ? NULL : MHD_create_response_from_fd64((uint64_t)ftello(file), fd);
    if (fd >= 0 && !response)
        close(fd);
    return response;
}

/* The response owns the stream from here on. */
static struct MHD_Response *make_response(struct exchange *x, struct reply *reply)
{
    struct stream *stream = reply->stream;
    if (reply->fixed)
        return MHD_create_response_from_buffer(
            reply->fixed_len, (char *)(uintptr_t)reply->fixed, MHD_RESPMEM_PERSISTENT);
    if (reply->file)
        return make_file_response(reply->file);
    if (!stream)
        return MHD_create_response_from_buffer(
            reply->body.len, reply->body.buf, MHD_RESPMEM_MUST_COPY);
    struct MHD_Response *response = streams_attach(stream, x->connection);
    if (response)
        reply->stream = NULL;
    return response;
}

static enum MHD_Result send_reply(struct exchange *x)
{
    struct reply *reply = &x->call.reply;
    struct MHD_Response *response = make_response(x, reply);
    if (!response)
        return MHD_NO;
    enum MHD_Result good = MHD_add_response_header(response, "X-Request-Id", x->request.id);
    if (reply->type)
        good &= MHD_add_response_header(response, "Content-Type", reply->type);
    good &= MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    for (size_t i = 0; i < reply->n_headers; i++)
        good &= MHD_add_response_header(response, reply->header[i].name, reply->header[i].value);
    if (atomic_load(&x->server->draining))
        good &= MHD_add_response_header(response, "Connection", "close");
    if (good == MHD_YES)
        good = MHD_queue_response(x->connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return good;
}

static void answer(struct exchange *x, struct db *db)
{
    x->call.db = db;
    if (x->too_large && x->head == RC_OK)
        x->head = refuse(&x->call, 413, "the body may have %zu bytes at most", x->body.max);
    x->request.body = x->body.buf;
    if (x->request.upload && x->head == RC_OK && fseek(x->request.upload, 0, SEEK_SET) != 0)
        x->head = fail(x->s, RC_RETRY, "the body can not be kept: %m");
    if (!x->request.upload)
        x->request.len = x->body.len;
    dispatch_answer(&x->call, x->head);
    x->answered = true;
}

static void answer_on_worker(struct work *work, struct db *db)
{
    struct exchange *x = (struct exchange *)work;
    struct MHD_Connection *connection = x->connection;
    answer(x, db);
    MHD_resume_connection(connection);
}

/* A long body waits in a file that has no name: what is sent by halves leaves nothing. */
static void keep_in_file(struct exchange *x, const char *bytes, size_t len)
{
    x->too_large = x->request.len + len > x->body.max;
    if (x->too_large || fwrite(bytes, 1, len, x->request.upload) == len)
        x->request.len += len;
    else
        x->head = fail(x->s, RC_RETRY, "the body can not be kept: %m");
}

/* Keep a piece of the body; false: enough, close. The body of a failed request is read
 * and dropped, because a client that still sends does not read the answer. */
static bool take_body(struct exchange *x, const char *bytes, size_t len)
{
    if (x->head != RC_OK || x->too_large) {
        x->unread += len;
        return x->unread <= UNREAD_MAX;
    }
    if (x->request.upload) {
        keep_in_file(x, bytes, len);
        return true;
    }
    strbuf_add(&x->body, bytes, len);
    x->too_large = x->body.overflow;
    if (x->too_large)
        strbuf_release(&x->body);
    return true;
}

/* Answer before the body, and close, where reading it would be dangerous or dear. */
static bool answers_at_once(const struct exchange *x)
{
    bool dear = x->waits || x->announced > UNREAD_MAX;
    return x->call.refusal == 400 || (x->call.refusal == 413 && dear);
}

static bool is_slow(struct exchange *x)
{
    const struct route *route = x->call.route;
    return route->edition ? !edition_hot(&x->call) : route->slow;
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
        return send_reply(x);
    }
    if (*len) {
        bool more = take_body(x, bytes, *len);
        *len = 0;
        return more ? MHD_YES : MHD_NO;
    }
    if (!x->answered && x->head == RC_OK && is_slow(x)) {
        x->work.run = answer_on_worker;
        MHD_suspend_connection(connection);
        workers_add(x->server->workers, &x->work);
        return MHD_YES;
    }
    if (!x->answered)
        answer(x, event_db(x->server));
    return send_reply(x);
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
    server->workers = workers_new(api->config->database_url, WORKERS);
    server->streams = streams_new(api->config->database_url);
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_error, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)POOL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        server, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (!server->daemon) {
        server_stop(server, 0);
        return fail(s, RC_INTERNAL, "libmicrohttpd does not start");
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
    workers_free(server->workers); /* resumes what was suspended: before the daemon ends */
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    streams_free(server->streams);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
    for (size_t i = 0; i < server->n_db; i++)
        db_free(server->db[i]);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
