#pragma once
/*
 * Commands that use the API like any other client: AMENDS_URL and AMENDS_KEY name the server and
 * the key, otherwise the `amends up` on --data DIR (or ./var).
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/scope.h"

struct client {
    const char *url; /* no slash at the end */
    const char *key;
};

struct client_request {
    const char *verb;
    const char *path;
    const char *type; /* of the body; NULL: JSON */
    const char *body; /* or NULL */
    FILE *upload;     /* a body to read to its end, or NULL */
    int seconds;      /* give up after; 0: never */
    bool progress;    /* show on a terminal how much was sent, and the elapsed time */
};

/* RC_INVALID if neither the environment nor DIR names the API. */
enum rc client_open(struct scope *s, const char *dir, struct client *ret);

/* First line of the file that an `amends up` left in DIR; NULL if there is none. */
const char *client_read_line(struct scope *s, const char *dir, const char *name);

/* Send a request and append the body of a successful response to out. A refusal carries the
 * messages of the API, per field; RC_UPSTREAM without a response. */
enum rc client_send(
    struct scope *s, const struct client *client, const struct client_request *request, FILE *out);

/* The same, with the response as JSON, owned by s. */
enum rc client_call(struct scope *s, const struct client *client,
    const struct client_request *request, json_t **ret);
enum rc client_get(struct scope *s, const struct client *client, const char *path, json_t **ret);

/* POST body, which becomes owned by s; NULL: none. */
enum rc client_post(
    struct scope *s, const struct client *client, const char *path, json_t *body, json_t **ret);

/* A path of the API with value, escaped, in place of the only %s. */
const char *client_path(struct scope *s, const char *format, const char *value)
    __attribute__((format(printf, 2, 0)));
