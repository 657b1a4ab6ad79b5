#ifndef NOTIFIER_TORTURE_H
#define NOTIFIER_TORTURE_H
/*
 * Where tests kill this process. CRASH_AT=NAME:N in the environment of a notifier ends it
 * by SIGKILL when it passes the point NAME for the Nth time; unset, a point is a test of
 * one static bool. Points, in the order of a message's life:
 *   claimed   a range is ours in the database, nobody was sent anything
 *   sending   a message is about to go to a sender
 *   sent      its outcome is known, and nowhere but in memory
 *   settling  outcomes are about to go to the database
 *   settled   they are committed, and memory does not know
 *   again     a retry or an orphan is about to be taken
 */
#include <stdbool.h>

extern bool torture_on;

/* Read the environment; once, before there are threads. */
void torture_read(void);
void torture_pass(const char *point);

static inline void torture_point(const char *point)
{
    if (torture_on)
        torture_pass(point);
}

#endif
