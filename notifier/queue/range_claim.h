#ifndef NOTIFIER_QUEUE_RANGE_CLAIM_H
#define NOTIFIER_QUEUE_RANGE_CLAIM_H
/*
 * Claiming the next range of a cursor, as statements of a pipe: one looks for the cursor
 * that is next on each channel, one claims from a cursor that an earlier round found. A
 * claim moves the cursor, makes the batch, settles who needs no message (suppressed,
 * superseded) and answers with the rest, in one transaction with whatever else is in the
 * pipe. It looks at a bounded number of rows however few of them are meant.
 */
#include "core/db/db_pipe.h"
#include "messages/broadcast.h"

/* A cursor with something to claim, as it was a moment ago. */
struct range_pick {
    int64_t broadcast_id; /* 0: none */
    const char *channel;
    int64_t lo, hi; /* where it stands; how far it may go now */
    bool newer_every, newer_milestone;
    int64_t room; /* of a throttled one: so many may be sent now; SHAPE_NONE: any */
};

/* How many rows the claims of a channel look at, by what the last one found. */
struct range_pace {
    int64_t broadcast_id, scan, limit;
};

/* Look for the next cursor of each channel that is wanted. */
int range_claim_look(struct scope *s, struct db_pipe *pipe, const bool wanted[CHANNEL_COUNT]);
/* What was found, a pick a channel, in picks. Wanted channels without one get none. */
enum rc range_claim_found(struct scope *s, const struct db_pipe *pipe, int at,
    const bool wanted[CHANNEL_COUNT], struct range_pick picks[CHANNEL_COUNT]);

/* Claim from a cursor for a notifier. b: the pick's broadcast. */
int range_claim_add(struct scope *s, struct db_pipe *pipe, const struct range_pick *pick,
    struct range_pace *pace, enum channel channel, const struct broadcast *b, int64_t owner);
/* The claim found so many to send to. */
void range_claim_done(struct range_pace *pace, size_t found);

#endif
