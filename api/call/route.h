#pragma once
/*
 * The route table: paths, required scopes, input and output. Matching, 404/405, authorisation,
 * decoding, OpenAPI and metric labels derive from it.
 */
#include <stdbool.h>
#include <stddef.h>

#include "api/http/request.h"
#include "core/shape.h"

struct call;
struct cached_page_kind;

/* A handler: answers the request, or fails. */
typedef enum rc route_fn(struct call *c);

enum verb { GET, POST, PUT, PATCH, DELETE, VERBS };

struct route {
    enum verb verb;
    const char *path;  /* "/v1/incidents/{ref}/updates" */
    const char *id;    /* operationId in OpenAPI: "createIncidentUpdate"; NULL: left out */
    const char *scope; /* required scope of the API key; NULL: no key required */
    const struct shape *body;
    const struct shape *query;
    const struct shape *reply; /* NULL: see .media */
    const char *media;         /* of a reply without a shape, or that the query can ask for in its
                                  place: "text/csv, application/x-ndjson" */
    const char *takes;         /* media types of a body that the handler parses (raw) */
    const char *doc;
    int status;      /* of success; 0: 200 */
    int or_status;   /* of success, too: 200 if it was there before; 0: none */
    size_t max_body; /* octets; 0: 1 MiB */
    bool list;       /* the reply is {data:[reply], next_cursor} */
    bool raw;        /* the handler parses the body (CSV, NDJSON, forms) */
    bool upload;     /* the body is long: stored in a file (request.upload) until complete */
    /* Takes long: runs on a worker, not on the event loop. So do all routes that write and have a
     * scope, because they may wait for a lock (core/db/locks.h). */
    bool slow;
    bool replayable; /* honours Idempotency-Key */
    /* Served from memory (page_cache.h); the handler is cached_page_reply. */
    const struct cached_page_kind *cached_page;
    bool framed;    /* other sites may frame it */
    bool page;      /* for people: failures are pages, too */
    bool any_site;  /* another site may post its form: a page's only with this */
    bool any_query; /* a provider adds query parameters of its own, which the handler reads */
    bool internal;  /* also served at metrics_listen, without a key */
    bool staff; /* of the console: redirects to the sign-in page if needed; .scope is required of
                   the roles */
    route_fn *run;
    /* Runs after the changes of run are committed (replayable: run is in a transaction): waits for
     * their result and replies again. NULL: the reply of run is final. */
    route_fn *then;
};

/* The rows of one subject. */
struct route_list {
    const struct route *at;
    size_t n;
};
#define ROUTE_LIST(rows) \
    { \
        .at = (rows), .n = sizeof(rows) / sizeof((rows)[0]) \
    }

/* A page for people; its POST takes a form. */
#define PAGE(v, p, f, d) \
    { \
        .verb = v, .path = p, .page = true, .raw = v == POST, .media = "text/html", .run = f, \
        .doc = d \
    }

/* The lists of all subjects, NULL-terminated (api/routes.c). */
extern const struct route_list *const route_lists[];

/* A section of the reference: of OpenAPI and /docs. */
struct route_tag {
    const char *path; /* begins the paths of its routes */
    const char *name, *doc;
};

/* The first tag whose path begins that of the route (api/routes.c). */
const struct route_tag *route_tag(const struct route *route);

/* The n-th tag; NULL past the last. */
const struct route_tag *route_tag_at(size_t n);

/* The n-th route of all lists; NULL past the last. */
const struct route *route_at(size_t n);
/* Its index; the number of routes if route is NULL. */
size_t route_index(const struct route *route);

struct route_match {
    const struct route *route; /* NULL: none */
    unsigned allowed;          /* bits of the path's verbs; all of them without a route */
    const char *param[REQUEST_PARAMS];
};

const char *verb_name(enum verb verb);

/* Find the route of a request; HEAD is GET. */
struct route_match route_find(const struct request *r);

/* "GET, POST" for an Allow header. */
const char *route_allow(struct scope *s, unsigned allowed);
