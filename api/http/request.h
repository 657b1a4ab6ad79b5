#pragma once
/*
 * An unverified request as received. Independent of the HTTP server: the fuzz target and the unit
 * tests fill it like the server does.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/scope.h"
#include "core/shape.h"

enum {
    REQUEST_SEGMENTS = 8,
    REQUEST_QUERY = 32,
    REQUEST_PARTS = 32,
    REQUEST_TARGET_MAX = 8192,
    REQUEST_PARAMS = 3,
    REQUEST_SIGNATURES = 11
};

struct request_pair {
    const char *name;
    const char *value;
};

struct request {
    const char *id; /* X-Request-Id for the reply */
    const char *verb;
    const char *target;
    /* The path between the slashes, percent-decoded after splitting. */
    const char *segment[REQUEST_SEGMENTS];
    size_t n_segments; /* REQUEST_SEGMENTS + 1: more than any route has */
    struct request_pair query[REQUEST_QUERY];
    size_t n_query;
    const char *authorization;
    const char *content_type;
    const char *accept;
    const char *idempotency_key;
    const char *if_none_match;
    const char *last_event_id;
    const char *signature[REQUEST_SIGNATURES]; /* in the order of request_signatures */
    const char *accept_language;
    const char *accept_encoding;
    const char *cookie;
    const char *origin;
    const char *fetch_site; /* Sec-Fetch-Site (W3C Fetch Metadata) */
    const char *peer;       /* numeric address of the client */
    const char *network;    /* the same, of IPv6 its /64: what limits per address count */
    bool internal;          /* received at metrics_listen */
    const char *body;       /* NUL-terminated for convenience; len counts */
    size_t len;
    FILE *upload; /* of a route with .upload, instead of body: the complete file, rewound */
    const char *upload_name; /* what its sender called it, in a form; UTF-8, or NULL */
    /* For a form with a file (multipart.h) on such a route: its other fields. */
    struct request_pair part[REQUEST_PARTS];
    size_t n_parts;
};

/* Headers of callbacks for signatures and their timestamps, NULL-terminated; others are not kept.
 */
extern const char *const request_signatures[REQUEST_SIGNATURES + 1];
/* The value of one of them, or NULL. */
const char *request_signature(const struct request *r, const char *name);

/* Split and decode a request target (RFC 9112 3.2.1) into r. RC_INVALID (HTTP 400): not
 * origin-form, control bytes, broken or dangerous escapes (%00, %2f, %5c), bad UTF-8,
 * too long. */
enum rc request_target(struct scope *s, const char *target, struct request *r);

/* Percent-decode len bytes; plus: '+' is a space. Also used for form bodies. */
enum rc request_decode(struct scope *s, const char *text, size_t len, bool plus, char **ret);

/* Read the query into a struct: unknown and repeated names are RC_INVALID (HTTP 422). */
enum rc request_query(
    struct scope *s, const struct request *r, const struct shape *shape, void *out);
