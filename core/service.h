#ifndef CORE_SERVICE_H
#define CORE_SERVICE_H
/*
 * What a long-running role is to its supervisor (`amends up` or systemd): it says
 * when it is ready and that it lives (sd_notify protocol), and drains on SIGTERM or SIGINT.
 */
#include <stdbool.h>

#include "core/scope.h"

/* Catch SIGTERM and SIGINT: both make service_fd() readable; ignore SIGHUP and SIGPIPE.
 * Call first, before any thread. With AMENDS_DIE_WITH_PARENT=PID of the supervisor, ask
 * the kernel to SIGTERM us when it dies. */
enum rc service_start(struct scope *s);

/* Readable (never drained) once a stop was asked for: for poll(2) in any thread. */
int service_fd(void);
bool service_stopping(void);
void service_stop(void); /* ask for it from inside */

/* READY=1 with a status line for $NOTIFY_SOCKET; nothing without one. */
void service_ready(const char *status);

/* Call from the loop whose standstill would mean that the role hangs: a sign of life for systemd's
 * watchdog (WatchdogSec), as often as it wants one. Returns for how many ms the loop may rest at
 * most; -1 when nobody watches. Of one thread. */
int service_alive(void);

#endif
