#pragma once
/*
 * The billing role. It claims waiting credit runs and advances each by one step:
 *
 *     computing -> draft     credits, lines and warnings of the pinned evidence
 *     approved  -> issued    ledger entries and feed numbers
 *     either    -> failed    with the reason in credit_run.failure
 *
 * The arithmetic is SQL (billing/sql, as CREDITS.md explains), one transaction per step. It wakes
 * on NOTIFY credit_run and polls every second; after each step it sends NOTIFY credit_run_done with
 * the run's id. Any number of processes may run: the row lock of a run claims it, so a process that
 * dies loses nothing. While no run waits, it makes those of schedules (schedule.h)
 * and removes expired rows (retention.h). A second thread estimates what open incidents cost
 * (liability/meter.h).
 */
#include "core/settings/checks.h"

extern const struct settings_check billing_checks[];

/* Run the role until SIGTERM; returns the process's exit code. */
int billing_main(const struct config *config);
