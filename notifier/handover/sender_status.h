#ifndef NOTIFIER_HANDOVER_SENDER_STATUS_H
#define NOTIFIER_HANDOVER_SENDER_STATUS_H
/*
 * What the senders know of their lanes (a relay, a host, an SMS provider), for the live view:
 * a sender thread reports, the database thread publishes. One process has one set of
 * lanes, in static storage.
 *
 *     sender_status_report(&(struct sender_status){.channel = CHANNEL_EMAIL, .host = "", .window =
 * 20, .in_flight = 31});
 */
#include "core/db/db.h"
#include "notifier/handover/handover.h"

struct sender_status {
    enum channel channel;
    const char
        *host;     /* "relay.example:25"; "": all of the channel that have no lane of their own */
    int window;    /* connections or transfers that may be open at once */
    int in_flight; /* messages */
    bool rate_limited;
    const char *trouble; /* what the other side complains of; NULL: nothing */
};

/* Any thread, as often as it likes: the last report counts. Everything is copied. Lanes
 * beyond 64 are dropped; one that is not reported for some seconds makes room. */
void sender_status_report(const struct sender_status *status);

/* Write the lanes into the table: once a second, and while the notifier has no batches (idle)
 * every ten seconds, so that /metrics has no gaps. */
enum rc sender_status_publish(
    struct scope *s, struct db *db, int64_t notifier, bool idle, const struct handover *handover);

#endif
