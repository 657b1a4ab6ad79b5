#ifndef NOTIFIER_QUEUE_REGISTRATION_H
#define NOTIFIER_QUEUE_REGISTRATION_H
/*
 * This process as the other notifiers see it: a row in `notifier` and the session
 * advisory lock (LOCK_NOTIFIER, id). A lost connection is a lost lock, so a new connection
 * registers anew and adopts the batches that are still leased to us.
 */
#include "core/db/db.h"
#include "notifier/handover/handover.h"

struct registration {
    int64_t id;          /* notifier.id; 0: not registered */
    int backend;         /* pid of the server process that holds the lock */
    struct batch **live; /* every batch of ours that is not finished */
    size_t n, alloc;
};

/* Register unless the connection is still the one that we registered on. Batches that
 * somebody else took meanwhile are marked lost. Outside of transactions. */
enum rc registration_ensure(struct scope *s, struct db *db, struct registration *registration);

/* Of the live batches those that are still ours are so for another minute; the others are marked
 * lost. */
enum rc registration_renew(struct scope *s, struct db *db, const struct registration *registration);

/* Inside of a transaction: RC_RETRY when the connection is not the registered one. */
enum rc registration_check(struct scope *s, struct db *db, const struct registration *registration);

/* Give up who we are: what is leased to us and not in the list is anybody's as soon as
 * registration_ensure has registered anew. For batches that could not be read to the end. */
void registration_forget(struct registration *registration);

/* Delete our row; the lock ends with the connection. */
enum rc registration_leave(struct scope *s, struct db *db, struct registration *registration);

void registration_add(struct registration *registration, struct batch *batch);
void registration_remove(struct registration *registration, const struct batch *batch);
struct batch *registration_find(const struct registration *registration, int64_t batch_id);

#endif
