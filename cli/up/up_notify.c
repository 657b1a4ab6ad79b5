#include "cli/up/up_notify.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { NOTE_MAX = 4096 };

enum rc notify_open(struct scope *s, const struct place *place, const char **ret_path, int *ret_fd)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char *path = scope_printf(s, "%s/notify", place->run);
    if (strlen(path) >= sizeof at.sun_path)
        return fail(s, RC_INTERNAL, "%s is too long for a socket", path);
    memcpy(at.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
        return fail(s, RC_INTERNAL, "cannot listen on %s: %m", path);
    TRY(place_give(s, place, path, 0600));
    *ret_path = path;
    *ret_fd = fd;
    return RC_OK;
}

static pid_t sender(struct msghdr *msg)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(msg); at; at = CMSG_NXTHDR(msg, at)) {
        struct ucred who;
        if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_CREDENTIALS)
            continue;
        memcpy(&who, CMSG_DATA(at), sizeof who);
        return who.pid;
    }
    return 0;
}

static bool says_ready(const char *note)
{
    static const char ready[] = "READY=1";
    for (const char *line = note; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!strncmp(line, ready, strlen(ready)))
            return true;
    }
    return false;
}

pid_t notify_read(int fd)
{
    for (;;) {
        char note[NOTE_MAX + 1];
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
        struct iovec iov = {.iov_base = note, .iov_len = NOTE_MAX};
        struct msghdr msg = {.msg_iov = &iov,
            .msg_iovlen = 1,
            .msg_control = control,
            .msg_controllen = sizeof control};
        ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
        if (n < 0)
            return 0;
        note[n] = '\0';
        pid_t pid = sender(&msg);
        if (pid > 0 && says_ready(note))
            return pid;
    }
}
