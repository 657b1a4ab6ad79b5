#pragma once
/*
 * One instance per data directory, and no leftover processes of a dead one.
 *
 * DIR/lock carries two locks. A record lock (fcntl) belongs to the instance itself and reports its
 * pid to a second instance. A flock belongs to the open file, which every child inherits: it is
 * free once all processes of the instance have ended.
 */
#include "core/scope.h"

/* Take both; *ret_fd stays open, and children inherit it. If only the second is held, an instance
 * was killed: wait 30 s for its processes, then kill those that still hold the lock. RC_CONFLICT:
 * an instance runs; the fault names its pid. */
enum rc lock_take(struct scope *s, const char *dir, int *ret_fd);
