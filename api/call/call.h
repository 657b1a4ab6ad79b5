#ifndef API_CALL_CALL_H
#define API_CALL_CALL_H
/*
 * One request being answered. A handler reads body, query, param and key, works
 * on db inside the scope, and ends with one reply_ function or a failure.
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
    const char *fixed; /* instead of body: lives as long as the scope */
    size_t fixed_len;
    /* With fixed: where the response that all who are given it share is, or is to be kept. */
    _Atomic(struct MHD_Response *) *shared;
    FILE *file; /* instead of body: all of it, by reply_file */
    struct request_pair header[REPLY_HEADERS];
    size_t n_headers;
    struct stream *stream; /* of events, instead of the body (streams.h) */
};

struct call {
    struct scope *s;
    struct db *db;
    const struct api *api;
    struct streams *streams;
    struct workers *importer; /* for imports whose caller does not wait */
    bool keeps_upload;        /* request.upload is somebody else's now */
    const struct route *route;
    const struct request *request;
    const char *param[REQUEST_PARAMS];
    const void *body;                /* the struct of route->body */
    const void *query;               /* the struct of route->query */
    const struct key *key;           /* NULL where the route asks for none */
    const struct staff *staff;       /* who is signed in to the console, or NULL */
    const struct form *form;         /* of a console page's POST */
    struct cached_page *cached_page; /* that was found in memory, or NULL */
    int refusal;        /* HTTP status that a failure answers with, when not its rc's */
    const char *errors; /* JSON array of {line?, field, detail} that replaces the fault's */
    int64_t made;       /* id of what route->run made, for route->then */
    struct reply reply;
};

/* Answer with one object of the route's reply shape. */
enum rc reply_object(struct call *c, const void *object);
/* Answer {data:[...], next_cursor?}; rows are structs of the route's reply shape. */
enum rc reply_list(struct call *c, struct list rows, const char *next_cursor);
/* 204. */
enum rc reply_nothing(struct call *c);
/* 200 with what is written to *ret_file, however long: it waits in an unnamed file, so that
 * neither memory nor the database waits for a slow reader. */
enum rc reply_file(struct call *c, const char *type, FILE **ret_file);
/* Add a header: false only when there are too many. Values are ours, never input. */
void reply_header(struct call *c, const char *name, const char *value);

/* Fail with an HTTP status that no rc stands for: 400, 401, 404 of a path, 405, 413. */
enum rc refuse(struct call *c, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Turn the failure in c->s into the reply: application/problem+json (RFC 9457), or a
 * page. Nothing of a 5xx's cause is told. */
void reply_problem(struct call *c, enum rc rc);

/* A path parameter that is an id; anything else is RC_NOT_FOUND. */
enum rc call_id(struct call *c, size_t n, int64_t *ret);

/* Who, for the audit log. */
const char *call_actor(const struct call *c);

#endif
