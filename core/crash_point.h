#pragma once
/*
 * Points at which tests kill this process. CRASH_AT=NAME:N in the environment of a notifier or of
 * billing ends it by SIGKILL when it passes the point NAME for the Nth time; unset, a point is a
 * test of one static bool. Points of a notifier, in the order of a message's life:
 *   claimed   the database records our claim of a range, nothing is sent
 *   sending   a message is about to go to a sender
 *   sent      its outcome is known, but only in memory
 *   settling  outcomes are about to go to the database
 *   settled   they are committed, but not yet known in memory
 *   again     a retry or an orphan is about to be taken
 * and of billing, for each step of a run, which is one transaction:
 *   taken     the run is claimed, nothing of the step is written
 *   written   the draft or the credits are written but not committed
 *   committed the step is done, but not yet notified
 */
#include <stdbool.h>

extern bool crash_point_on;

/* Read the environment. Call once, before starting threads. */
void crash_point_read(void);
void crash_point_pass(const char *point);

static inline void crash_point(const char *point)
{
    if (crash_point_on)
        crash_point_pass(point);
}
