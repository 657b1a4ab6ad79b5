#ifndef API_BROADCASTS_STREAMS_H
#define API_BROADCASTS_STREAMS_H
/*
 * Server-sent events of broadcasts. One thread with a database connection reads each
 * broadcast that somebody watches once a second, however many watch it, and gives the
 * event to their connections. A connection without news is suspended: libmicrohttpd
 * would ask a reader that has nothing again at once.
 *
 * A stream is opened by a handler, attached to its connection by the server, and freed
 * by libmicrohttpd with the response (or by streams_close when it was never attached).
 */
#include <microhttpd.h>

#include "core/db/db.h"

enum { STREAMS_MAX = 256 };

struct streams;
struct stream;

struct streams *streams_new(const char *database_url);

/* NULL: there are STREAMS_MAX already, or the server drains. */
struct stream *streams_open(struct streams *streams, int64_t broadcast_id);

/* The response that the connection is to be answered with; it owns the stream. */
struct MHD_Response *streams_attach(struct stream *stream, struct MHD_Connection *connection);

void streams_close(void *stream);

/* End every stream after what it has to send; to be called before the daemon stops. */
void streams_end(struct streams *streams);

/* After the daemon stopped. */
void streams_free(struct streams *streams);

#endif
