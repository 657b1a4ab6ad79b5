#ifndef CLI_UP_UP_LOCK_H
#define CLI_UP_UP_LOCK_H
/*
 * One instance a data directory, and nothing of a dead one beside it.
 *
 * DIR/lock carries two locks. A record lock (fcntl) belongs to the instance alone and
 * tells its pid to whoever finds it taken. A flock belongs to the open file, which
 * every child inherits: it is free only when all that the instance started has ended.
 */
#include "core/scope.h"

/* Take both; *ret_fd stays open, is inherited by children, and never closed. Where
 * only the second is taken, an instance was killed: wait for what it left, 30 s, then
 * kill what still has the lock. RC_CONFLICT: an instance runs; the fault names its pid. */
enum rc lock_take(struct scope *s, const char *dir, int *ret_fd);

#endif
