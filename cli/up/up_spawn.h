#ifndef CLI_UP_UP_SPAWN_H
#define CLI_UP_UP_SPAWN_H
/* Start a child of `amends up`: as the roles' user, in its own process group (a
 * terminal's ^C reaches the supervisor alone), with the instance's lock, and with a
 * signal from the kernel when the supervisor dies in whatever way. */
#include <sys/types.h>

#include "cli/up/up_place.h"

struct spawn {
    const char *file;        /* path, or NULL: this executable */
    const char *const *argv; /* NULL-terminated */
    const char *const *env;  /* NAME=VALUE on top of ours, NULL-terminated; NULL: nothing */
    int death_signal;
    int listen_fd;   /* to hand over as AMENDS_LISTEN_FD, or -1 */
    const char *log; /* file that stdout and stderr are appended to; NULL: ours */
};

/* RC_INTERNAL when there is no process; what keeps the child from running the file is
 * told on its stderr, and it exits with 126. */
enum rc spawn(struct scope *s, const struct place *place, const struct spawn *what, pid_t *ret_pid);

/* The same and wait for its end: RC_UPSTREAM when it does not exit with 0. */
enum rc spawn_wait(struct scope *s, const struct place *place, const struct spawn *what);

#endif
