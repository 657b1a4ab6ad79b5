#pragma once
/*
 * Circuit breaker of the mails of a broadcast: when a relay refuses many alike, the reason is the
 * relay or our name, not the readers. The broadcast's channel is held (amends.relay_hold) until
 * staff resume it or give it up.
 *
 * The counting is pure:
 *
 *     struct breaker breaker = {0};
 *     breaker_count(&breaker, &outcome);
 *     if (breaker_trips(&breaker))
 *         ...
 */
#include <stdbool.h>

#include "core/db/db.h"
#include "notifier/handover/handover.h"
#include "notifier/queue/registration.h"

struct breaker {
    int64_t broadcast_id;
    int n;     /* outcomes, older ones count less and less */
    int alike; /* how many more were refused for this reason than for others */
    const char *reason;
    char said[OUTCOME_SAID]; /* by the relay, of the last one */
};

enum { BREAKERS = 8 };

/* The broadcasts whose mails ended last. */
struct breakers {
    struct breaker at[BREAKERS];
    size_t next; /* is forgotten first */
};

/* Did the relay refuse it for good, for another reason than a full mailbox? */
bool breaker_is_refusal(const struct outcome *outcome);

void breaker_count(struct breaker *breaker, const struct outcome *outcome);
bool breaker_trips(const struct breaker *breaker);

/* Count the mails among the outcomes of a cycle. */
void breakers_count(struct breakers *breakers, const struct ended *ended, size_t n);

/* Hold the broadcasts whose breaker trips: in the database and in our batches. */
void breakers_hold(struct db *db, struct breakers *breakers,
    const struct registration *registration, const char *public_url);
