#pragma once
/*
 * The processes of `amends up`: the PostgreSQL server and the three roles.
 *
 * One thread and one poll loop over two descriptors: signals, and the sd_notify socket on which
 * roles report readiness. A process that dies is restarted after a pause that doubles from 100 ms
 * to 10 s, and is reset for a process that lived 30 s. A role that was ready and dies of a signal
 * may have died of a request: it is restarted at once three times, and then after at most a second.
 * If it crashed twice, connections that still wait for it are closed, for one of them may be what
 * kills it.
 *
 *     STARTING -> RUNNING (all roles ready) -> DRAINING (roles asked to end)
 *                                           -> CLOSING (server asked to end) -> ENDED
 *
 * SIGTERM and SIGINT lead to DRAINING from any earlier state; a second one, at least a second
 * later, cuts the wait short.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/up/up_spawn.h"

enum phase { PHASE_STARTING, PHASE_RUNNING, PHASE_DRAINING, PHASE_CLOSING, PHASE_ENDED };

struct child {
    const char *name;
    struct spawn spawn;
    pid_t pid;       /* 0: not running */
    bool wanted;     /* to be started at due */
    bool ready;      /* the role has reported readiness */
    int64_t started; /* us, monotonic; so is the next */
    int64_t due;
    int deaths; /* since it last lived 30 s */
};

enum { CHILD_SERVER, CHILD_ROLES, CHILD_COUNT = 4 };

struct supervisor {
    const struct place *place;
    struct child children[CHILD_COUNT];
    enum phase phase;
    int64_t asked;    /* to stop; us, monotonic, as is the next */
    int64_t deadline; /* of DRAINING and CLOSING */
    int signal_fd;
    int notify_fd;
    const char *notify_path;
    const char *url; /* called when ready */
    int exit_code;   /* of a role that cannot start with its configuration */
};

/* Block the signals and open the socket notify in the sockets' directory. */
enum rc supervisor_open(struct scope *s, struct supervisor *up, const struct place *place);

/* One iteration of the loop: wait for at most wait_ms (-1: until an action is due). */
void supervisor_turn(struct supervisor *up, int wait_ms);

/* Start the server and wait until it accepts connections. RC_RETRY after a signal, RC_UPSTREAM if
 * the server ended. */
enum rc supervisor_server(struct scope *s, struct supervisor *up);

/* Ask all processes to end, like a signal. */
void supervisor_stop(struct supervisor *up);
