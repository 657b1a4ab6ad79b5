#include "cli/up/up_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void keep(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
}

static void set_environment(const struct spawn *what)
{
    for (const char *const *pair = what->env; pair && *pair; pair++)
        putenv((char *)(uintptr_t)*pair);
    if (what->listen_fd < 0)
        return;
    static char number[32];
    snprintf(number, sizeof number, "AMENDS_LISTEN_FD=%d", what->listen_fd);
    putenv(number);
    keep(what->listen_fd);
}

static bool redirect(const char *log)
{
    if (!log)
        return true;
    int fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0600);
    return fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0;
}

/* Returns only on failure, with errno set. */
static void become_child(const struct place *place, const struct spawn *what, pid_t parent)
{
    /* Open it before the user changes: our own path may lie in another user's home. */
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    keep(place->lock_fd);
    set_environment(what);
    if (!place_become(place) || !redirect(what->log))
        return;
    /* Set after the change of user, which clears it. */
    if (prctl(PR_SET_PDEATHSIG, what->death_signal) != 0)
        return;
    if (getppid() != parent)
        raise(SIGKILL);
    char *const *argv = (char *const *)(uintptr_t)what->argv;
    if (what->file)
        execv(what->file, argv);
    else
        fexecve(self, argv, environ);
}

enum rc spawn(struct scope *s, const struct place *place, const struct spawn *what, pid_t *ret_pid)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        become_child(place, what, parent);
        fprintf(
            stderr, "amends up: cannot start %s: %m\n", what->file ? what->file : what->argv[0]);
        _exit(126);
    }
    if (pid < 0)
        return fail(s, RC_INTERNAL, "fork: %m");
    *ret_pid = pid;
    return RC_OK;
}

enum rc spawn_wait(struct scope *s, const struct place *place, const struct spawn *what)
{
    pid_t pid;
    TRY(spawn(s, place, what, &pid));
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(s, RC_UPSTREAM, "%s failed%s%s", what->argv[0], what->log ? ": see " : "",
            what->log ? what->log : "");
    return RC_OK;
}
