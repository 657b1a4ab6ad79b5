#pragma once
/*
 * Retention (billing/sql/retention.sql): creates partitions of outcomes and measurements in advance
 * and drops old ones, erases unsubscribed readers, and removes expired rows. Small steps, each in
 * its own transaction; of several processes, only one takes a step.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "core/db/db.h"

/* Take each step once. retention_days = 0 keeps outcomes and readers without limit, outbox_days = 0
 * the outbox, measurement_days = 0 the measurements. *ret_more: some step changed rows, so there
 * may be more. RC_RETRY: a table was locked for more than a second; try again later. */
enum rc retention_run(struct scope *s, struct db *db, const struct config *config, bool *ret_more);
