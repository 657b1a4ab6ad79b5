#pragma once
/*
 * Claiming the next range of a cursor, as statements of a pipe: one looks for the next cursor of
 * each channel, one claims from a cursor that an earlier cycle found. A claim moves the cursor,
 * makes the batch, settles recipients that need no message (suppressed, superseded) and returns
 * the others, in one transaction with the rest of the pipe. It looks at a bounded number of rows
 * however few of them are recipients.
 */
#include "core/db/db_pipe.h"
#include "messages/broadcast.h"

/* A cursor that had something to claim a moment ago. */
struct range_pick {
    int64_t broadcast_id; /* 0: none */
    const char *channel;
    int64_t lo, hi; /* its position; how far it may move now */
    bool newer_every, newer_milestone;
    int64_t room; /* how many may be sent now if throttled; SHAPE_NONE: any number */
};

/* How many rows the claims of a channel look at; the last claim's result decides. */
struct range_pace {
    int64_t broadcast_id, scan, limit;
};

/* Look for the next cursor of each channel that is wanted. */
int range_claim_look(struct scope *s, struct db_pipe *pipe, const bool wanted[CHANNEL_COUNT]);
/* The result: a pick per channel. Wanted channels without one get broadcast_id 0. */
enum rc range_claim_found(struct scope *s, const struct db_pipe *pipe, int at,
    const bool wanted[CHANNEL_COUNT], struct range_pick picks[CHANNEL_COUNT]);

/* Claim from a cursor for a notifier. b: the pick's broadcast. */
int range_claim_add(struct scope *s, struct db_pipe *pipe, const struct range_pick *pick,
    struct range_pace *pace, enum channel channel, const struct broadcast *b, int64_t owner);
/* Report the number of recipients that the claim found. */
void range_claim_done(struct range_pace *pace, size_t found);
