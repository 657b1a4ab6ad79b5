#pragma once
/* The engine's state, and which relay and connection a message is assigned to. smtp_engine.c
 * drives it. */
#include <curl/curl.h>

#include "notifier/smtp/smtp.h"
#include "notifier/smtp/smtp_conn.h"
#include "notifier/smtp/smtp_queue.h"
#include "notifier/smtp/smtp_relay.h"

struct smtp {
    struct smtp_config config;
    struct relay *relays;
    size_t n_relays;
    int relay_most; /* messages in flight at one relay; 0: no limit */
    struct queue queue;
    struct conn_host host;
    CURLM *multi;
    struct conn *conns;
    size_t n_conns;
    int connecting;
    int epoll_fd; /* watches the open connections and wake_fd */
    int wake_fd;  /* -1: none */
    bool woken;   /* the last step saw it readable */
    int64_t now;
};

/* The connections' conn_host.take. */
struct flight *assign_take(void *ctx, struct conn *conn);

/* Give the waiting messages to connections, and open more connections if needed. */
void assign(struct smtp *smtp);

/* Close the connection, with QUIT if quit, and free its slot. */
void assign_close(struct smtp *smtp, struct conn *conn, bool quit);
