#pragma once
/*
 * The protocol between a long-running role and its supervisor (`amends up` or systemd): the role
 * reports readiness and keep-alives (sd_notify), and drains on SIGTERM or SIGINT.
 */
#include <stdbool.h>

#include "core/scope.h"

/* Catch SIGTERM and SIGINT, which make service_fd() readable; ignore SIGHUP and SIGPIPE. Call
 * first, before starting a thread. With AMENDS_DIE_WITH_PARENT=PID of the supervisor, ask the
 * kernel for a SIGTERM when the supervisor dies. From then on the process leaves no core file and
 * cannot be traced by its own user (PR_SET_DUMPABLE). */
enum rc service_start(struct scope *s);

/* Readable (never drained) once a stop was requested: for poll(2) in any thread. */
int service_fd(void);
bool service_stopping(void);
void service_stop(void); /* request a stop from within */

/* Send READY=1 with a status line to $NOTIFY_SOCKET, if it is set. */
void service_ready(const char *status);

/* Call from the main loop, on one thread: sends a keep-alive to systemd's watchdog (WatchdogSec)
 * when one is due. Returns how long the loop may sleep, in ms; -1 without a watchdog. */
int service_alive(void);
