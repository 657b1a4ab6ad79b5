#pragma once
/*
 * A request and its reply between libmicrohttpd's callbacks: head, body, answer. For server.c
 * alone; a handler sees a struct call.
 */
#include <microhttpd.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "api/call/call.h"
#include "api/http/clients.h"
#include "api/http/head.h"
#include "api/http/multipart.h"
#include "api/http/workers.h"

enum { SERVER_POOL = 2 }; /* event threads */

struct server {
    const struct api *api;
    struct MHD_Daemon *daemon;
    struct MHD_Daemon *internal; /* of metrics_listen, or NULL */
    struct workers *workers;
    struct workers *importer; /* one thread, for imports whose client does not wait */
    struct streams *streams;
    struct clients *clients;
    atomic_int active;    /* exchanges from their head to their last byte */
    atomic_size_t bodies; /* octets of bodies in memory */
    atomic_bool draining;
    _Atomic uint64_t n_requests;
    unsigned char id_key[crypto_shorthash_KEYBYTES];
    pthread_mutex_t lock;
    struct db *db[SERVER_POOL + 3]; /* of the event threads, to be closed at the end */
    size_t n_db;
};

/* One request and its reply; work is the first member, so that a worker can convert the pointer. */
struct exchange {
    struct work work;
    struct server *server;
    struct MHD_Connection *connection;
    struct client *client;
    struct scope *s;
    struct request request;
    struct strbuf body;
    struct multipart *form; /* parser of a long multipart body */
    struct call call;
    struct head head;
    enum rc rc; /* result of the steps before the handler */
    bool begun, answered, too_large;
    size_t unread; /* discarded octets of the body */
};

/* The client of a connection, which on_connection made. */
struct client *exchange_client(struct MHD_Connection *connection);

/* MHD_OPTION_URI_LOG_CALLBACK; arg is the struct server. Returns the new struct exchange. */
void *exchange_target(void *arg, const char *target, struct MHD_Connection *connection);

/* MHD_AccessHandlerCallback: called for the head, for each piece of the body, and at its end. */
enum MHD_Result exchange_step(void *arg, struct MHD_Connection *connection, const char *url,
    const char *verb, const char *version, const char *bytes, size_t *len, void **state);

/* NULL does nothing. */
void exchange_free(struct exchange *x);
