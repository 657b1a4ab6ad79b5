#include "api/broadcasts/streams.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "api/broadcasts/broadcast_live.h"
#include "api/broadcasts/broadcasts.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/strbuf.h"

enum { EVERY_US = 1000 * 1000, EVENT_MAX = 64 * 1024, BLOCK = 4096 };

struct stream {
    struct streams *streams;
    struct stream *next;
    int64_t broadcast_id;
    struct MHD_Connection *connection;
    struct strbuf text; /* pending text, of which sent octets are sent */
    size_t sent;
    int64_t due_at; /* us, monotonic: due time of the next event */
    bool last;      /* text is the last event */
    bool suspended;
    int fd;    /* of the connection; open as long as the stream exists */
    bool gone; /* the reader has closed its side: the stream no longer takes a place */
};

struct streams {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    struct db *db; /* the thread's */
    struct stream *first;
    int n;
    bool ending;
};

/* Call with the lock held. */
static void resume(struct stream *stream)
{
    if (!stream->suspended)
        return;
    stream->suspended = false;
    MHD_resume_connection(stream->connection);
}

static ssize_t read_stream(void *arg, uint64_t pos, char *buf, size_t max)
{
    (void)pos;
    struct stream *stream = arg;
    struct streams *streams = stream->streams;
    ssize_t n = 0;
    pthread_mutex_lock(&streams->lock);
    size_t left = stream->text.len - stream->sent;
    if (left) {
        n = (ssize_t)(left < max ? left : max);
        memcpy(buf, stream->text.buf + stream->sent, (size_t)n);
        stream->sent += (size_t)n;
    } else if (stream->last || streams->ending) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        stream->suspended = true;
        MHD_suspend_connection(stream->connection);
    }
    pthread_mutex_unlock(&streams->lock);
    return n;
}

/* The event: the broadcast, or a comment that keeps the connection alive while the database does
 * not answer. *ret_last: it is the last event. */
static void print_event(struct streams *streams, int64_t id, struct strbuf *b, bool *ret_last)
{
    SCOPE(s);
    struct broadcast row;
    enum rc rc = broadcast_read(s, streams->db, id, &row);
    *ret_last = rc == RC_NOT_FOUND || (rc == RC_OK && row.done_at != SHAPE_NONE);
    if (rc != RC_OK) {
        log_fault("a stream has no event", s);
        strbuf_addstr(b, ": waiting for the database\n\n");
        return;
    }
    strbuf_addstr(b, *ret_last ? "id: done\nevent: done\ndata: " : "event: broadcast\ndata: ");
    shape_print(b, &broadcast_shape, &row);
    strbuf_addstr(b, "\n\n");
}

/* Call with the lock held. A reader that has not taken its last event misses this one, since each
 * event is complete. */
static void give(struct stream *stream, const struct strbuf *event, bool last, int64_t now)
{
    stream->due_at = now + EVERY_US;
    if (stream->sent < stream->text.len || stream->last)
        return;
    strbuf_clear(&stream->text);
    strbuf_add(&stream->text, event->buf, event->len);
    stream->sent = 0;
    stream->last = last;
    resume(stream);
}

/* Call with the lock held. The stream whose event is due first, or NULL. */
static struct stream *earliest(struct streams *streams)
{
    struct stream *found = NULL;
    for (struct stream *at = streams->first; at; at = at->next)
        if (!at->last && (!found || at->due_at < found->due_at))
            found = at;
    return found;
}

static void wait_until(struct streams *streams, int64_t at)
{
    struct timespec until = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
    pthread_cond_timedwait(&streams->wake, &streams->lock, &until);
}

static bool has_left(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* Call with the lock held. libmicrohttpd does not look at a suspended connection, and learns that a
 * reader has left only by failing to write, so the place is given back here. */
static void release_left(struct streams *streams)
{
    for (struct stream *at = streams->first; at; at = at->next) {
        if (!at->connection || at->gone || !has_left(at->fd))
            continue;
        at->gone = at->last = true;
        streams->n--;
        shutdown(at->fd, SHUT_RDWR);
        resume(at);
    }
}

static void serve(struct streams *streams, int64_t id)
{
    bool last;
    STRBUF(event, EVENT_MAX);
    pthread_mutex_unlock(&streams->lock);
    print_event(streams, id, &event, &last);
    int64_t now = clock_monotonic();
    pthread_mutex_lock(&streams->lock);
    release_left(streams);
    for (struct stream *at = streams->first; at; at = at->next)
        if (at->broadcast_id == id && (last || at->due_at <= now))
            give(at, &event, last, now);
}

static void *watch(void *arg)
{
    struct streams *streams = arg;
    pthread_mutex_lock(&streams->lock);
    while (!streams->ending) {
        const struct stream *next = earliest(streams);
        int64_t now = clock_monotonic();
        if (!next)
            pthread_cond_wait(&streams->wake, &streams->lock);
        else if (next->due_at > now)
            wait_until(streams, next->due_at);
        else
            serve(streams, next->broadcast_id);
    }
    pthread_mutex_unlock(&streams->lock);
    return NULL;
}

struct streams *streams_new(const char *database_url)
{
    struct streams *streams = calloc(1, sizeof *streams);
    pthread_condattr_t monotonic;
    if (!streams || pthread_condattr_init(&monotonic) ||
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) ||
        pthread_cond_init(&streams->wake, &monotonic))
        abort();
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&streams->lock, NULL);
    streams->db = db_new(database_url, "api");
    if (pthread_create(&streams->thread, NULL, watch, streams))
        abort();
    return streams;
}

struct stream *streams_open(struct streams *streams, int64_t broadcast_id)
{
    struct stream *stream = NULL;
    pthread_mutex_lock(&streams->lock);
    if (streams->n < STREAMS_MAX && !streams->ending) {
        stream = calloc(1, sizeof *stream);
        if (!stream)
            abort();
        stream->streams = streams;
        stream->broadcast_id = broadcast_id;
        stream->text = (struct strbuf)STRBUF_INIT(EVENT_MAX);
        stream->next = streams->first;
        streams->first = stream;
        streams->n++;
        pthread_cond_signal(&streams->wake);
    }
    pthread_mutex_unlock(&streams->lock);
    return stream;
}

struct MHD_Response *streams_attach(struct stream *stream, struct MHD_Connection *connection)
{
    struct streams *streams = stream->streams;
    pthread_mutex_lock(&streams->lock);
    stream->connection = connection;
    stream->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    pthread_mutex_unlock(&streams->lock);
    return MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK, read_stream, stream, streams_close);
}

void streams_close(void *arg)
{
    struct stream *stream = arg;
    struct streams *streams = stream->streams;
    pthread_mutex_lock(&streams->lock);
    struct stream **at = &streams->first;
    while (*at != stream)
        at = &(*at)->next;
    *at = stream->next;
    streams->n -= !stream->gone;
    pthread_mutex_unlock(&streams->lock);
    strbuf_release(&stream->text);
    free(stream);
}

void streams_end(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    streams->ending = true;
    for (struct stream *at = streams->first; at; at = at->next)
        resume(at);
    pthread_cond_signal(&streams->wake);
    pthread_mutex_unlock(&streams->lock);
}

void streams_free(struct streams *streams)
{
    pthread_join(streams->thread, NULL);
    db_free(streams->db);
    pthread_mutex_destroy(&streams->lock);
    pthread_cond_destroy(&streams->wake);
    free(streams);
}
