#pragma once
/*
 * Server-sent events of broadcasts. One thread with a database connection reads each watched
 * broadcast once per second, however many connections watch it, and passes the event to them. A
 * connection without an event is suspended, since libmicrohttpd would otherwise poll it in a busy
 * loop.
 *
 * A stream is opened by a handler, attached to its connection by the server, and freed by
 * libmicrohttpd with the response (or by streams_close if it was never attached).
 */
#include <microhttpd.h>

#include "core/db/db.h"

enum { STREAMS_MAX = 256 };

struct streams;
struct stream;

struct streams *streams_new(const char *database_url);

/* NULL: STREAMS_MAX are already open, or the server drains. */
struct stream *streams_open(struct streams *streams, int64_t broadcast_id);

/* The response for the connection; it owns the stream. */
struct MHD_Response *streams_attach(struct stream *stream, struct MHD_Connection *connection);

void streams_close(void *stream);

/* End every stream after its pending text. Call before the daemon stops. */
void streams_end(struct streams *streams);

/* Call after the daemon has stopped. */
void streams_free(struct streams *streams);
