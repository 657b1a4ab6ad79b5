#pragma once
/*
 * HTTP/1.1 through libmicrohttpd: two epoll threads, each with its own database connection. Routes
 * that may block are suspended and run on workers.
 */
#include "api/call/api.h"

struct server;

/* Serve on the listening socket fd, and routes with .internal on internal_fd (-1: none). The server
 * owns both from now on. */
enum rc server_start(
    struct scope *s, const struct api *api, int fd, int internal_fd, struct server **ret);

/* Stop accepting connections, let requests finish (at most grace_us), then stop and free. */
void server_stop(struct server *server, int64_t grace_us);
