#pragma once
/*
 * A request in progress. A handler reads body, query, param and key, uses db within the scope, and
 * ends with one reply_ function or a failure.
 *
 *     enum rc component_list(struct call *c)
 *     {
 *         struct list rows;
 *         TRY(db_all(c->s, c->db, &component_all, NO_PARAMS, &rows));
 *         return reply_list(c, rows, NULL);
 *     }
 */
#include <stdint.h>

#include "api/call/api.h"
#include "api/call/auth.h"
#include "api/http/request.h"
#include "api/call/route.h"
#include "core/db/db.h"
#include "core/scope.h"
#include "core/shape.h"
#include "core/strbuf.h"

enum { REPLY_HEADERS = 12 };

struct MHD_Response;
struct cached_page;
struct streams;
struct stream;
struct staff;
struct form;
struct workers;

struct reply {
    int status;
    const char *type;
    struct strbuf body;
    const char *fixed; /* instead of body: must live as long as the scope */
    size_t fixed_len;
    /* With fixed: the place of the response that all requests share. */
    _Atomic(struct MHD_Response *) *shared;
    FILE *file; /* instead of body: the complete file, set by reply_file */
    struct request_pair header[REPLY_HEADERS];
    size_t n_headers;
    struct stream *stream; /* instead of body: a stream of events (streams.h) */
};

struct call {
    struct scope *s;
    struct db *db;
    const struct api *api;
    struct streams *streams;
    struct workers *importer; /* for imports whose client does not wait */
    bool keeps_upload;        /* another owner has taken request.upload */
    const struct route *route;
    const struct request *request;
    const char *param[REQUEST_PARAMS];
    const void *body;                /* the struct of route->body */
    const void *query;               /* the struct of route->query */
    const struct key *key;           /* NULL if the route requires none */
    const struct staff *staff;       /* the person signed in to the console, or NULL */
    const struct form *form;         /* form of a console page's POST */
    bool link_is_dead;               /* the page's link is refused: the refusal offers another */
    struct cached_page *cached_page; /* the page found in memory, or NULL */
    int refusal;        /* HTTP status of a failure, if it differs from that of its rc */
    const char *errors; /* JSON array of {line?, field, detail} that replaces that of the fault */
    int64_t made;       /* id of the object created by route->run, for route->then */
    struct reply reply;
};

/* Reply with one object of the route's reply shape. */
enum rc reply_object(struct call *c, const void *object);
/* Reply {data:[...], next_cursor?}; rows are structs of the route's reply shape. */
enum rc reply_list(struct call *c, struct list rows, const char *next_cursor);
/* 204. */
enum rc reply_nothing(struct call *c);
/* Reply 200 with the text written to *ret_file, of any length: an unnamed file holds it, so that a
 * slow reader ties up neither memory nor the database. */
enum rc reply_file(struct call *c, const char *type, FILE **ret_file);
/* Add a header; false only if there are too many. Values must be ours, never input. */
void reply_header(struct call *c, const char *name, const char *value);

/* Fail with an HTTP status that has no rc: 400, 401, 404 of a path, 405, 413. */
enum rc refuse(struct call *c, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Turn the failure in c->s into the reply: application/problem+json (RFC 9457), or a page. The
 * cause of a 5xx is not disclosed. */
void reply_problem(struct call *c, enum rc rc);

/* Read an id from a path parameter; anything else is RC_NOT_FOUND. */
enum rc call_id(struct call *c, size_t n, int64_t *ret);

/* The actor, for the audit log. */
const char *call_actor(const struct call *c);
