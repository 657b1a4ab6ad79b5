#pragma once
/*
 * The schedules of policies (billing/sql/schedule.sql): once a window has ended for as many days as
 * its policy says, make its run, which is then drafted like any other.
 */
#include "core/db/db.h"

/* Make the runs that are due and log each. Any number of processes may call it: each window gets
 * one run, or none if nothing happened in it. */
enum rc schedule_run(struct scope *s, struct db *db);
