#pragma once
/*
 * Estimates of what open incidents would cost, kept in the table `liability` for the api: for each
 * incident alone, and each current policy. Nothing of the books reads it.
 *
 *     struct liability *liability = liability_new(zones_shared, service_stopping);
 *     TRY(liability_run(s, db, liability));       // every ten seconds
 *     liability_free(liability);
 *
 * meter.h does so on a thread of its own, since a refresh may take longer than a draft may wait.
 * One process makes them (LOCK_LIABILITY); another takes over when its session ends. Groups of
 * accounts are read when they change (book.h), so a refresh reads no account.
 */
#include "billing/engine/number/zone.h"
#include "core/db/db.h"

/* zones: for the life of the process, without a context (billing/zones.h). stop: give up. */
struct liability *liability_new(zone_find *zones, bool (*stop)(void));
void liability_free(struct liability *liability); /* NULL is fine */

/* Refresh all estimates, outside of a transaction. */
enum rc liability_run(struct scope *s, struct db *db, struct liability *liability);
