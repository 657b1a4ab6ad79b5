#pragma once
/*
 * This process as the other notifiers see it: a row in `notifier`, and the advisory lock
 * (LOCK_NOTIFIER, id) of the database session. A lost connection is a lost lock, so a new
 * connection registers again and adopts the batches that are still leased to this process.
 */
#include "core/db/db.h"
#include "notifier/handover/handover.h"

struct registration {
    int64_t id;          /* notifier.id; 0: not registered */
    bool outbox;         /* this process keeps messages instead of sending them */
    int backend;         /* pid of the server process that holds the lock */
    struct batch **live; /* our batches that are not finished */
    size_t n, alloc;
};

/* Register unless the connection is still the registered one. Batches that another notifier took
 * meanwhile are marked lost. Outside of transactions. */
enum rc registration_ensure(struct scope *s, struct db *db, struct registration *registration);

/* Renew the leases of the live batches for a minute; mark those that are no longer ours lost. */
enum rc registration_renew(struct scope *s, struct db *db, const struct registration *registration);

/* Inside of a transaction: RC_RETRY when the connection is not the registered one. */
enum rc registration_check(struct scope *s, struct db *db, const struct registration *registration);

/* Give the registration up: batches that are leased to us and not in the list are orphans as soon
 * as registration_ensure has registered again. For batches that could not be read to the end. */
void registration_forget(struct registration *registration);

/* Delete our row; the lock ends with the connection. */
enum rc registration_leave(struct scope *s, struct db *db, struct registration *registration);

/* The list, and the number of batches that each broadcast has in it. */
void registration_add(struct registration *registration, struct batch *batch);
void registration_remove(struct registration *registration, const struct batch *batch);
