#ifndef BILLING_BILLING_H
#define BILLING_BILLING_H
/*
 * The billing role. It claims credit runs that wait for it and takes each one step:
 *
 *     computing -> draft     credits, lines and warnings of the pinned evidence
 *     approved  -> issued    ledger entries and feed numbers
 *     either    -> failed    with the reason in credit_run.failure
 *
 * The arithmetic is SQL (migrations 0006 to 0008), one transaction a step. It wakes on
 * NOTIFY credit_run and looks every second; it says NOTIFY credit_run_done, with the
 * run's id, when a step is over. Any number of processes may run: a run is claimed by
 * its row lock, so one that dies loses nothing. While none waits, it lets go of what is old
 * (retention.h).
 */
#include "core/config.h"

/* Run the role until SIGTERM; returns the process's exit code. */
int billing_main(const struct config *config);

#endif
