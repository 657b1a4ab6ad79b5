#include "core/service.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "core/clock.h"

/* The only process-wide state of a role: a signal handler writes it, so it is not in a scope. */
static int stop_fd = -1;
static volatile sig_atomic_t stopping;
static uint64_t watchdog_us; /* 0: no watchdog */
static int64_t alive_at;

static void on_stop(int signal)
{
    (void)signal;
    uint64_t one = 1;
    stopping = 1;
    if (write(stop_fd, &one, sizeof one) < 0)
        return; /* the counter is full, hence already readable */
}

static void catch_signal(int signal, void (*fn)(int))
{
    struct sigaction action = {.sa_handler = fn, .sa_flags = SA_RESTART};
    sigaction(signal, &action, NULL);
}

enum rc service_start(struct scope *s)
{
    if (stop_fd < 0)
        stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop_fd < 0)
        return fail(s, RC_INTERNAL, "eventfd: %m");
    catch_signal(SIGTERM, on_stop);
    catch_signal(SIGINT, on_stop);
    catch_signal(SIGHUP, SIG_IGN);
    catch_signal(SIGPIPE, SIG_IGN);
    if (sd_watchdog_enabled(0, &watchdog_us) <= 0)
        watchdog_us = 0;
    const char *parent = getenv("AMENDS_DIE_WITH_PARENT");
    /* The keys must not get into a core file, nor to another process of this user. */
    if (prctl(PR_SET_DUMPABLE, 0))
        return fail(s, RC_INTERNAL, "prctl: %m");
    if (parent && prctl(PR_SET_PDEATHSIG, SIGTERM))
        return fail(s, RC_INTERNAL, "prctl: %m");
    /* The parent may have died before prctl(). The variable holds its pid. */
    if (parent && atoi(parent) > 1 && getppid() != atoi(parent))
        service_stop();
    return RC_OK;
}

int service_fd(void)
{
    return stop_fd;
}

bool service_stopping(void)
{
    return stopping;
}

void service_stop(void)
{
    on_stop(0);
}

void service_ready(const char *status)
{
    sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

/* Four keep-alives per interval, so that a late one does no harm. */
int service_alive(void)
{
    if (!watchdog_us)
        return -1;
    int64_t gap = (int64_t)(watchdog_us / 4), now = clock_monotonic();
    if (!alive_at || now - alive_at >= gap) {
        sd_notify(0, "WATCHDOG=1");
        alive_at = now;
    }
    return (int)((alive_at + gap - now) / 1000) + 1;
}
