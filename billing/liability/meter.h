#pragma once
/* The thread of the billing role that refreshes the estimates, on a connection of its own, so that
 * no run, letter or feed waits for it. */
#include "billing/engine/number/zone.h"
#include "core/config.h"

struct meter;

/* NULL where config->liability_seconds is 0. zones: as in liability_new. Aborts if it cannot start
 * the thread. */
struct meter *meter_start(const struct config *config, zone_find *zones);

/* Call when the service stops: waits for at most one statement. NULL is fine. */
void meter_stop(struct meter *meter);
