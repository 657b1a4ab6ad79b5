#pragma once
/*
 * Time zones for the engine, as tables of offsets, made once per process from GLib's reading of
 * /usr/share/zoneinfo (docs/decisions/0140-engine-of-credits-in-c.md). One thread each, but
 * zones_shared.
 *
 *     struct zones *zones = zones_new();
 *     const struct zone *berlin = zones_find(zones, "Europe/Berlin");
 *     zones_free(zones);
 */
#include "billing/engine/number/zone.h"

struct zones *zones_new(void);
void zones_free(struct zones *zones); /* NULL is fine */

/* NULL: no such zone. Lives as long as zones. A zone_find. */
const struct zone *zones_find(void *zones, const char *name);

/* The same from one table a process, for all its threads. ctx is not used. A zone_find. */
const struct zone *zones_shared(void *ctx, const char *name);
