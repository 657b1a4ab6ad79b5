#include "cli/up/up_lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/clock.h"

enum { LEFT_OVER_SECONDS = 30, STEP_MS = 50 };

static bool holds(const char *pid, const char *path)
{
    SCOPE(s);
    char *dir = scope_printf(s, "/proc/%s/fd", pid);
    DIR *fds = opendir(dir);
    bool found = false;
    for (struct dirent *at; !found && fds && (at = readdir(fds));) {
        char target[PATH_MAX];
        ssize_t len = readlink(scope_printf(s, "%s/%s", dir, at->d_name), target, sizeof target);
        found = len == (ssize_t)strlen(path) && !memcmp(target, path, (size_t)len);
    }
    if (fds)
        closedir(fds);
    return found;
}

/* Every other process with the lock file open was started by the dead instance. */
static void kill_left_over(const char *path)
{
    DIR *proc = opendir("/proc");
    for (struct dirent *at; proc && (at = readdir(proc));) {
        pid_t pid = (pid_t)atoi(at->d_name);
        if (pid > 1 && pid != getpid() && holds(at->d_name, path))
            kill(pid, SIGKILL);
    }
    if (proc)
        closedir(proc);
}

static enum rc wait_left_over(struct scope *s, int fd, const char *path)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return RC_OK;
    fprintf(stderr, "amends up: waiting for processes of a killed instance to end\n");
    int64_t kill_at = clock_monotonic() + LEFT_OVER_SECONDS * CLOCK_SECOND;
    int64_t give_up = kill_at + 10 * CLOCK_SECOND;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail(s, RC_INTERNAL, "cannot lock %s: %m", path);
        if (clock_monotonic() > give_up)
            return fail(s, RC_CONFLICT, "%s stays locked by a process of a killed instance", path);
        if (clock_monotonic() > kill_at)
            kill_left_over(path);
        poll(NULL, 0, STEP_MS);
    }
    return RC_OK;
}

enum rc lock_take(struct scope *s, const char *dir, int *ret_fd)
{
    char *path = scope_printf(s, "%s/lock", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(s, RC_CONFLICT, "cannot open %s: %m", path);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_SETLK, &lock) != 0) {
        fcntl(fd, F_GETLK, &lock);
        close(fd);
        return fail(s, RC_CONFLICT, "an instance already runs on %s: pid %d", dir, (int)lock.l_pid);
    }
    enum rc rc = wait_left_over(s, fd, path);
    if (rc != RC_OK)
        close(fd);
    else
        *ret_fd = fd;
    return rc;
}
