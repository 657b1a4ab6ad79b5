#include "cli/up/up_supervise.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/up/up_cluster.h"
#include "cli/up/up_notify.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/service.h"

#define MS (CLOCK_SECOND / 1000)
#define PAUSE_FIRST (100 * MS)
#define PAUSE_MOST (10 * CLOCK_SECOND)
#define PAUSE_MOST_KILLED CLOCK_SECOND
#define PAUSE_FORGOTTEN (30 * CLOCK_SECOND)
/* A role drains for at most 20 s; the rest is slack. */
#define DRAIN (25 * CLOCK_SECOND)
#define CLOSE (30 * CLOCK_SECOND)
#define CLOSE_HARD (10 * CLOCK_SECOND)
enum { SERVER_STEP_MS = 20, EXIT_NOT_STARTED = 126, FREE_DEATHS = 3, FATAL_CRASHES = 2 };

enum rc supervisor_open(struct scope *s, struct supervisor *up, const struct place *place)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
        return fail(s, RC_INTERNAL, "sigprocmask: %m");
    signal(SIGPIPE, SIG_IGN);
    up->place = place;
    up->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (up->signal_fd < 0)
        return fail(s, RC_INTERNAL, "signalfd: %m");
    return notify_open(s, place, &up->notify_path, &up->notify_fd);
}

static void signal_roles(struct supervisor *up, int signal)
{
    for (int i = CHILD_ROLES; i < CHILD_COUNT; i++)
        if (up->children[i].pid)
            kill(up->children[i].pid, signal);
}

void supervisor_stop(struct supervisor *up)
{
    int64_t now = clock_monotonic();
    if (up->phase >= PHASE_DRAINING) {
        /* timeout(1) and others send each signal twice in quick succession. */
        if (now - up->asked > CLOCK_SECOND)
            up->deadline = now;
        return;
    }
    up->asked = now;
    log_event(LOG_INFO, "stopping", LOG_INT("pid", getpid()));
    up->phase = PHASE_DRAINING;
    up->deadline = now + DRAIN;
    for (int i = CHILD_ROLES; i < CHILD_COUNT; i++)
        up->children[i].wanted = false;
    signal_roles(up, SIGTERM);
}

static void start(struct supervisor *up, struct child *child)
{
    SCOPE(s);
    child->started = clock_monotonic();
    child->ready = false;
    if (spawn(s, up->place, &child->spawn, &child->pid) != RC_OK) {
        log_fault("cannot start a process", s);
        child->due = child->started + PAUSE_MOST;
    }
}

/* Do not restart a role that rejects its configuration. */
static bool is_hopeless(const struct supervisor *up, const struct child *child, int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    return up->phase == PHASE_STARTING && child != &up->children[CHILD_SERVER] && !child->ready &&
           (code == EX_CONFIG || code == EX_USAGE || code == EXIT_NOT_STARTED);
}

static bool has_crashed(int status)
{
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGILL ||
           signal == SIGFPE;
}

static int64_t pause_after(const struct child *child, bool killed)
{
    int free_deaths = killed ? FREE_DEATHS : 0;
    int64_t most = killed ? PAUSE_MOST_KILLED : PAUSE_MOST;
    if (child->deaths <= free_deaths)
        return 0;
    int doublings = child->deaths - free_deaths - 1;
    int64_t pause = doublings < 10 ? PAUSE_FIRST << doublings : most;
    return pause < most ? pause : most;
}

/* Returns how many. */
static int64_t close_waiting(int listen_fd)
{
    int64_t n = 0;
    for (int fd; (fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0; n++)
        close(fd);
    return n;
}

static void ended(struct supervisor *up, struct child *child, int status)
{
    child->pid = 0;
    if (!child->wanted)
        return;
    int64_t now = clock_monotonic();
    if (now - child->started > PAUSE_FORGOTTEN)
        child->deaths = 0;
    child->deaths++;
    int64_t pause = pause_after(child, child->ready && WIFSIGNALED(status)), closed = 0;
    child->due = now + pause;
    if (has_crashed(status) && child->deaths >= FATAL_CRASHES && child->spawn.listen_fd >= 0)
        closed = close_waiting(child->spawn.listen_fd);
    log_event(LOG_WARN, "process ended", LOG_TEXT("process", child->name),
        WIFSIGNALED(status) ? LOG_INT("signal", WTERMSIG(status))
                            : LOG_INT("code", WEXITSTATUS(status)),
        LOG_INT("again_in_ms", pause / MS), LOG_INT("closed", closed));
    if (is_hopeless(up, child, status)) {
        up->exit_code = EX_CONFIG;
        supervisor_stop(up);
    }
}

static void reap(struct supervisor *up)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (int i = 0; i < CHILD_COUNT; i++)
            if (up->children[i].pid == pid)
                ended(up, &up->children[i], status);
}

static void read_signals(struct supervisor *up)
{
    struct signalfd_siginfo got;
    while (read(up->signal_fd, &got, sizeof got) == sizeof got) {
        if (got.ssi_signo == SIGCHLD)
            reap(up);
        else if (got.ssi_signo == SIGHUP)
            signal_roles(up, SIGHUP);
        else
            supervisor_stop(up);
    }
}

static void read_notes(struct supervisor *up)
{
    for (pid_t pid; (pid = notify_read(up->notify_fd)) > 0;)
        for (int i = CHILD_ROLES; i < CHILD_COUNT; i++)
            if (up->children[i].pid == pid)
                up->children[i].ready = true;
    bool all = up->phase == PHASE_STARTING;
    for (int i = CHILD_ROLES; i < CHILD_COUNT; i++)
        all = all && up->children[i].ready;
    if (!all)
        return;
    up->phase = PHASE_RUNNING;
    place_note_url(up->place, up->url);
    printf("ready %s\n", up->url);
    fflush(stdout);
    service_ready(up->url);
}

static void start_due(struct supervisor *up, int64_t now)
{
    for (int i = 0; i < CHILD_COUNT; i++) {
        struct child *child = &up->children[i];
        if (child->wanted && !child->pid && child->due <= now)
            start(up, child);
    }
}

static bool roles_live(const struct supervisor *up)
{
    for (int i = CHILD_ROLES; i < CHILD_COUNT; i++)
        if (up->children[i].pid)
            return true;
    return false;
}

static void drain(struct supervisor *up, int64_t now)
{
    struct child *server = &up->children[CHILD_SERVER];
    if (roles_live(up)) {
        if (now >= up->deadline) {
            signal_roles(up, SIGKILL);
            up->deadline = now + CLOCK_SECOND;
        }
        return;
    }
    up->phase = PHASE_CLOSING;
    up->deadline = now + CLOSE;
    server->wanted = false;
    if (server->pid)
        kill(server->pid, SIGINT); /* fast shutdown */
}

static void close_server(struct supervisor *up, int64_t now)
{
    struct child *server = &up->children[CHILD_SERVER];
    if (!server->pid) {
        up->phase = PHASE_ENDED;
    } else if (now >= up->deadline) {
        kill(server->pid, SIGQUIT); /* immediate: the next start recovers */
        up->deadline = now + CLOSE_HARD;
    }
}

/* ms until the next action without a signal; -1: none. */
static int next_due(const struct supervisor *up, int64_t now)
{
    int64_t due = up->phase >= PHASE_DRAINING ? up->deadline : INT64_MAX;
    for (int i = 0; i < CHILD_COUNT; i++) {
        const struct child *child = &up->children[i];
        if (child->wanted && !child->pid && child->due < due)
            due = child->due;
    }
    if (due == INT64_MAX)
        return -1;
    return due <= now ? 0 : (int)((due - now) / MS) + 1;
}

void supervisor_turn(struct supervisor *up, int wait_ms)
{
    int64_t now = clock_monotonic();
    start_due(up, now);
    if (up->phase == PHASE_DRAINING)
        drain(up, now);
    if (up->phase == PHASE_CLOSING)
        close_server(up, now);
    if (up->phase == PHASE_ENDED)
        return;
    int due = next_due(up, now);
    if (wait_ms < 0 || (due >= 0 && due < wait_ms))
        wait_ms = due;
    struct pollfd fds[] = {
        {.fd = up->signal_fd, .events = POLLIN}, {.fd = up->notify_fd, .events = POLLIN}};
    if (poll(fds, 2, wait_ms) <= 0)
        return;
    read_notes(up); /* first: a role may have been ready before it died */
    read_signals(up);
}

enum rc supervisor_server(struct scope *s, struct supervisor *up)
{
    struct child *server = &up->children[CHILD_SERVER];
    start(up, server);
    while (up->phase == PHASE_STARTING && server->pid && !cluster_accepts(s, up->place))
        supervisor_turn(up, SERVER_STEP_MS);
    if (up->phase != PHASE_STARTING)
        return fail(s, RC_RETRY, "stopped before it was ready");
    if (!server->pid)
        return fail(s, RC_UPSTREAM, "PostgreSQL did not start: see %s", up->place->log);
    server->wanted = true; /* restart it from now on */
    return RC_OK;
}
