#ifndef CORE_NET_LISTEN_H
#define CORE_NET_LISTEN_H
/*
 * The listening socket of a role.
 *
 * A supervisor that keeps the port while the role restarts (`amends up`) binds it
 * and passes it on as a descriptor whose number is in AMENDS_LISTEN_FD: callers wait
 * in the backlog meanwhile instead of being refused. systemd does the same by its own
 * protocol (a .socket unit; LISTEN_FDS, sd_listen_fds(3)).
 */
#include "core/scope.h"

/* A bound and listening TCP socket, non-blocking and close-on-exec, that the caller
 * owns. hostport: "127.0.0.1:8080", "[::1]:8080", "*:8080"; port 0 picks a free one;
 * it is not looked at when a socket is passed on. *ret_port (may be NULL):
 * the port it has. RC_INVALID: not HOST:PORT, no such host, or the descriptor is not a
 * listening socket; RC_CONFLICT: the port is taken. */
enum rc listen_open(struct scope *s, const char *hostport, int *ret_fd, int *ret_port);

/* The parts of HOST:PORT in s, brackets of an IPv6 address taken off. RC_INVALID. */
enum rc listen_split(
    struct scope *s, const char *hostport, const char **ret_host, const char **ret_port);

#endif
