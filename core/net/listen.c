#include "core/net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static int port_of(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return -1;
    if (at.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&at)->sin6_port);
    return at.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&at)->sin_port) : -1;
}

enum rc listen_split(
    struct scope *s, const char *hostport, const char **ret_host, const char **ret_port)
{
    const char *colon = strrchr(hostport, ':');
    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        strlen(colon + 1) > 5 || atoi(colon + 1) > 65535)
        return fail_field(s, RC_INVALID, "listen", "'%s' is not HOST:PORT", hostport);
    const char *host = hostport;
    size_t len = (size_t)(colon - hostport);
    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    *ret_host = scope_strndup(s, host, len);
    *ret_port = colon + 1;
    return RC_OK;
}

/* named: the source of the descriptor number. */
static enum rc inherited(struct scope *s, const char *named, const char *number, int *ret_fd)
{
    char *end;
    errno = 0;
    long fd = strtol(number, &end, 10);
    int listening = 0;
    socklen_t len = sizeof listening;
    if (errno || *end || end == number || fd < 3 || fd > 65535 ||
        getsockopt((int)fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || !listening)
        return fail(s, RC_INVALID, "%s=%s is not a listening socket", named, number);
    if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0)
        return fail(s, RC_INTERNAL, "descriptor %ld: %s", fd, strerror(errno));
    *ret_fd = (int)fd;
    return RC_OK;
}

static int bind_one(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

enum rc listen_bind(struct scope *s, const char *hostport, int *ret_fd, int *ret_port)
{
    const char *host, *port;
    TRY(listen_split(s, hostport, &host, &port));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int code = getaddrinfo(!*host || !strcmp(host, "*") ? NULL : host, port, &hints, &list);
    if (code != 0)
        return fail_field(s, RC_INVALID, "listen", "%s: %s", hostport, gai_strerror(code));
    int fd = -1;
    for (const struct addrinfo *at = list; at && fd < 0; at = at->ai_next)
        fd = bind_one(at);
    int why = errno;
    freeaddrinfo(list);
    if (fd < 0)
        return fail_field(s, why == EADDRINUSE ? RC_CONFLICT : RC_INVALID, "listen",
            "cannot listen on %s: %s", hostport, strerror(why));
    if (ret_port)
        *ret_port = port_of(fd);
    *ret_fd = fd;
    return RC_OK;
}

enum rc listen_open(struct scope *s, const char *hostport, int *ret_fd, int *ret_port)
{
    const char *number = getenv("AMENDS_LISTEN_FD");
    int fd = -1, passed = sd_listen_fds(1);
    if (passed > 1)
        return fail(s, RC_INVALID, "%d sockets were passed, expected one", passed);
    if (number)
        TRY(inherited(s, "AMENDS_LISTEN_FD", number, &fd));
    else if (passed == 1)
        TRY(inherited(s, "LISTEN_FDS", scope_printf(s, "%d", SD_LISTEN_FDS_START), &fd));
    else
        TRY(listen_bind(s, hostport, &fd, NULL));
    if (ret_port)
        *ret_port = port_of(fd);
    *ret_fd = fd;
    return RC_OK;
}
