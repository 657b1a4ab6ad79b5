/* GET /v1/broadcasts/{id}/events: server-sent events (HTML Living Standard 9.2). */
#include <string.h>

#include "api/broadcasts/broadcast_live.h"
#include "api/call/call.h"
#include "api/broadcasts/broadcasts.h"
#include "api/broadcasts/streams.h"

STMT(broadcast_ended, "SELECT done_at IS NOT NULL AS ended FROM broadcast WHERE id = $1",
    .row = &row_bool);

/* An EventSource reconnects after the end of the stream, with the id of the last event; 204 makes
 * it stop. */
static bool has_seen_the_end(const struct call *c)
{
    const char *last = c->request->last_event_id;
    return last && !strcmp(last, "done");
}

enum rc broadcast_events(struct call *c)
{
    int64_t id;
    bool ended;
    TRY(call_id(c, 0, &id));
    TRY(broadcast_check(c->s, c->db, id));
    TRY(db_one(c->s, c->db, &broadcast_ended, PARAMS(P_INT(id)), &ended));
    if (ended && has_seen_the_end(c))
        return reply_nothing(c);
    c->reply.stream = streams_open(c->streams, id);
    if (!c->reply.stream) {
        reply_header(c, "Retry-After", "10");
        return refuse(c, 503, "%d streams are already open", STREAMS_MAX);
    }
    reply_header(c, "Cache-Control", "no-store");
    reply_header(c, "X-Accel-Buffering", "no"); /* nginx would buffer events */
    c->reply.status = 200;
    c->reply.type = "text/event-stream";
    return RC_OK;
}
