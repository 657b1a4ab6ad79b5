#include "api/respond.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "api/broadcasts/streams.h"

/* The response gets its own descriptor. */
static struct MHD_Response *make_file_response(FILE *file)
{
    int fd = fflush(file) ? -1 : fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
    struct MHD_Response *response =
        fd < 0 ? NULL : MHD_create_response_from_fd64((uint64_t)ftello(file), fd);
    if (fd >= 0 && !response)
        close(fd);
    return response;
}

/* The response owns the stream from now on. */
static struct MHD_Response *make_response(struct MHD_Connection *connection, struct reply *reply)
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
    struct MHD_Response *response = streams_attach(stream, connection);
    if (response)
        reply->stream = NULL;
    return response;
}

static bool add_headers(struct MHD_Response *response, const struct reply *reply)
{
    enum MHD_Result good = MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (reply->type)
        good &= MHD_add_response_header(response, "Content-Type", reply->type);
    for (size_t i = 0; i < reply->n_headers; i++)
        good &= MHD_add_response_header(response, reply->header[i].name, reply->header[i].value);
    return good == MHD_YES;
}

/* All requests for a public document share one response: the first request creates it, later ones
 * only add a reference. It has no request id. */
static struct MHD_Response *shared_response(struct MHD_Connection *connection, struct reply *reply)
{
    struct MHD_Response *there = NULL, *made = atomic_load(reply->shared);
    if (made)
        return made;
    made = make_response(connection, reply);
    if (!made || !add_headers(made, reply)) {
        if (made)
            MHD_destroy_response(made);
        return NULL;
    }
    if (atomic_compare_exchange_strong(reply->shared, &there, made))
        return made;
    MHD_destroy_response(made);
    return there;
}

enum MHD_Result respond(
    struct MHD_Connection *connection, struct reply *reply, const char *request_id, bool closing)
{
    unsigned status = (unsigned)reply->status;
    if (reply->shared && !closing) {
        struct MHD_Response *shared = shared_response(connection, reply);
        return shared ? MHD_queue_response(connection, status, shared) : MHD_NO;
    }
    struct MHD_Response *response = make_response(connection, reply);
    if (!response)
        return MHD_NO;
    enum MHD_Result good = MHD_add_response_header(response, "X-Request-Id", request_id);
    good &= add_headers(response, reply) ? MHD_YES : MHD_NO;
    if (closing)
        good &= MHD_add_response_header(response, "Connection", "close");
    if (good == MHD_YES)
        good = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return good;
}
