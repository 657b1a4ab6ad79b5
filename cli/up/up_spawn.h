#pragma once
/* Start a child of `amends up`: as the roles' user, in its own process group (so that ^C in a
 * terminal reaches only the supervisor), with the instance's lock, and with a signal from the
 * kernel when the supervisor dies. */
#include <sys/types.h>

#include "cli/up/up_place.h"

struct spawn {
    const char *file;        /* path, or NULL: this executable */
    const char *const *argv; /* NULL-terminated */
    const char *const *env;  /* additional NAME=VALUE, NULL-terminated; NULL: none */
    int death_signal;
    int listen_fd;   /* to pass as AMENDS_LISTEN_FD, or -1 */
    const char *log; /* file to which stdout and stderr are appended; NULL: ours */
};

/* RC_INTERNAL if no process can be created. If the child cannot execute the file, it prints the
 * reason to its stderr and exits with 126. */
enum rc spawn(struct scope *s, const struct place *place, const struct spawn *what, pid_t *ret_pid);

/* The same, and wait for its end: RC_UPSTREAM unless it exits with 0. */
enum rc spawn_wait(struct scope *s, const struct place *place, const struct spawn *what);
