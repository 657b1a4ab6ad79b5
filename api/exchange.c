#include "api/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "api/broadcasts/streams.h"
#include "api/call/dispatch.h"
#include "api/public/page_cache.h"
#include "api/respond.h"
#include "core/clock.h"

enum {
    BODY_S = 60,                   /* for a body that is kept in memory */
    BODIES_MAX = 64 * 1024 * 1024, /* octets of all bodies in memory */
    LOCK_WAIT_MS = 500,            /* on a thread that serves many connections */
    UNREAD_MAX = 16 * 1024 * 1024,
    REPLY_MAX = 512 * 1024 * 1024,
    ID_SIZE = 2 * crypto_shorthash_BYTES + 1
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

void exchange_free(struct exchange *x)
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

struct client *exchange_client(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* The raw target: libmicrohttpd decodes the one passed to the handler, and cuts it at %00. A
 * request that it rejects itself reaches neither the handler nor on_completed, so the client keeps
 * it. */
void *exchange_target(void *arg, const char *target, struct MHD_Connection *connection)
{
    struct server *server = arg;
    struct exchange *x = calloc(1, sizeof(*x));
    if (!x)
        abort();
    x->server = server;
    x->connection = connection;
    x->client = exchange_client(connection);
    x->s = scope_new();
    x->request.target = scope_strndup(x->s, target, strnlen(target, REQUEST_TARGET_MAX + 1));
    x->request.id = new_id(server, x->s);
    x->request.internal =
        server->internal &&
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON)->daemon == server->internal;
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

static void begin(struct exchange *x, const char *verb, struct head_lines lines)
{
    x->begun = true;
    x->client->unbegun = NULL;
    atomic_fetch_add(&x->server->active, 1);
    x->request.verb = scope_strdup(x->s, verb);
    head_read(x->s, x->connection, lines, x->server->api->proxies, &x->request, &x->head);
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

enum MHD_Result exchange_step(void *arg, struct MHD_Connection *connection, const char *url,
    const char *verb, const char *version, const char *bytes, size_t *len, void **state)
{
    (void)arg, (void)connection;
    struct exchange *x = *state;
    if (!x->begun) {
        begin(x, verb, head_lines_begin(verb, url, strlen(x->request.target), version));
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
