#pragma once
/*
 * The open connections, by the address that opened them: how many an address may have, and how
 * long a connection may take for a request's head or body. IPv6 counts by /64, because a
 * subscriber's line has at least one (RFC 6177). Trusted proxies have no limit: what they carry
 * is limited by the address they name.
 *
 * libmicrohttpd drops a connection that is silent for long; one that trickles an octet now and
 * then is never silent, so each client has a deadline, and a thread shuts down what is late.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "api/http/proxies.h"

struct clients;

struct client {
    void *unbegun; /* the server's: a request whose handler was never called */
    struct clients *clients;
    struct client *next, **self; /* in its bucket */
    unsigned char address[16];
    int fd;
    int64_t since; /* it keeps us waiting; us, monotonic */
    int64_t due;   /* the same; 0: no deadline */
};

/* limit: connections per address. Beyond most in all, each new one ends the one that has kept us
 * waiting longest. Starts the thread. */
struct clients *clients_new(const struct proxies *proxies, int limit, int most);
void clients_free(struct clients *clients); /* NULL is fine; after the last client_free */

/* Whether this address may open another connection. */
bool clients_admit(struct clients *clients, const struct sockaddr *address);

/* A connection was opened; its head is due soon. */
struct client *client_new(struct clients *clients, const struct sockaddr *address, int fd);
/* It is about to be closed; frees the client. Its descriptor must still be open. */
void client_free(struct client *client);

/* The rest of the head or body must arrive within us microseconds; 0: no deadline. */
void client_expect(struct client *client, int64_t us);
