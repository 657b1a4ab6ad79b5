#pragma once
/*
 * The status of each relay, host and SMS provider that messages are sent to, for the live view:
 * a sender thread reports it, the database thread publishes it. There is one set per process, in
 * static storage.
 *
 *     sender_status_report(&(struct sender_status){
 *         .channel = CHANNEL_EMAIL, .host = "relay.example:25", .window = 20, .in_flight = 31});
 */
#include "core/db/db.h"
#include "notifier/handover/handover.h"

struct sender_status {
    enum channel channel;
    const char *host; /* "relay.example:25"; "": all hosts of the channel that have no row */
    int window;       /* connections or transfers that may be open at once */
    int in_flight;    /* messages */
    bool rate_limited;
    const char *trouble; /* the complaint of the other side; NULL: none */
};

/* Any thread, at any rate: the last report counts. Everything is copied. Hosts beyond 64 are
 * dropped; one that is not reported for some seconds makes room. */
void sender_status_report(const struct sender_status *status);

/* Write the statuses into the table: once a second, or every ten seconds while the notifier has
 * no batches (idle), so that /metrics has no gaps. */
enum rc sender_status_publish(
    struct scope *s, struct db *db, int64_t notifier, bool idle, const struct handover *handover);
