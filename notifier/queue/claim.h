#pragma once
/*
 * Claiming work that is left over: a group of due retries, or a batch whose owner died. A claim
 * is one transaction that makes or takes the batch row, reads its recipients and settles those
 * that need no message (suppressed, superseded). range_claim.h claims the rest.
 */
#include "messages/broadcast.h"
#include "notifier/queue/registration.h"

struct claimant {
    struct db *db;
    struct registration *registration;
    struct broadcasts *broadcasts;
};

enum claim_of { CLAIM_DUE, CLAIM_ORPHAN };

/* *ret is NULL when the claim found no recipient to send to. The batch is in the registration's
 * list. */
enum rc claim_batch(struct scope *s, struct claimant *claimant, enum claim_of of,
    enum channel channel, struct batch **ret);
