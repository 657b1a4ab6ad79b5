#pragma once
/*
 * The data directory of `amends up` and its users.
 *
 *     DIR/lock         held while an instance or any process it started lives
 *     DIR/pg/          the PostgreSQL cluster, 0700
 *     DIR/run          the directory of sockets, 0700, or a link to a short one
 *     DIR/master.key   keys of links and seals, 0600, the roles' user
 *     DIR/admin.key    an API key with every scope, 0600, the user who typed `amends up`
 *     DIR/url          the API's URL, for commands on the same machine
 *     DIR/postgres.log
 *
 * Started as root, PostgreSQL and the roles run as user postgres; otherwise as the same user.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "core/scope.h"

struct place {
    const char *dir; /* absolute */
    const char *cluster;
    const char *run; /* the sockets' directory: short enough for sun_path */
    const char *master_key;
    const char *admin_key;
    const char *log;
    const char *user; /* the user of the children; NULL: unchanged */
    uid_t uid;
    gid_t gid;
    int lock_fd;
};

/* Make or reopen the directory and lock it. RC_CONFLICT: an instance runs there, or the user cannot
 * enter it. Waits for processes of a killed instance to end, and kills them after a while. */
enum rc place_open(struct scope *s, const char *dir, struct place *ret);

/* Write DIR/url. It is a convenience: a failure is only logged. */
void place_note_url(const struct place *place, const char *url);

/* Remove the sockets' directory. The lock is released when the process and its children end. */
void place_close(const struct place *place);

/* In a child: become the user of PostgreSQL and the roles. On failure, false with errno. */
bool place_become(const struct place *place);

/* Make the roles' user the owner of path. */
enum rc place_give(struct scope *s, const struct place *place, const char *path, mode_t mode);
