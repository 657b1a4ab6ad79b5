#pragma once
/*
 * The listening socket of a role.
 *
 * A supervisor that keeps the port while the role restarts (`amends up`) binds it and passes the
 * descriptor, with its number in AMENDS_LISTEN_FD: callers then wait in the backlog instead of
 * being refused. systemd does the same with its own protocol (a .socket unit; LISTEN_FDS,
 * sd_listen_fds(3)).
 */
#include "core/scope.h"

/* A bound and listening TCP socket, non-blocking and close-on-exec, that the caller owns. hostport:
 * "127.0.0.1:8080", "[::1]:8080", "*:8080"; port 0 picks a free one; ignored if a socket is passed.
 * *ret_port (may be NULL): the bound port. RC_INVALID: not HOST:PORT, no such host, or the
 * descriptor is not a listening socket; RC_CONFLICT: the port is taken. */
enum rc listen_open(struct scope *s, const char *hostport, int *ret_fd, int *ret_port);

/* The same, always bound anew. */
enum rc listen_bind(struct scope *s, const char *hostport, int *ret_fd, int *ret_port);

/* Split HOST:PORT in s, without the brackets of an IPv6 address. RC_INVALID if it is not one. */
enum rc listen_split(
    struct scope *s, const char *hostport, const char **ret_host, const char **ret_port);
