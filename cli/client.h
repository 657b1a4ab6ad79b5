#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H
/*
 * Commands that work through the API, as any other client does: AMENDS_URL and
 * AMENDS_KEY say where and as whom, else the `amends up` on --data DIR (or ./var).
 */
#include <jansson.h>
#include <stdio.h>

#include "cli/options.h"
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
    FILE *upload;     /* a body that is read to its end, or NULL */
    bool progress;    /* say on a terminal how much of it was sent, and for how long it works */
};

/* RC_INVALID when neither the environment nor DIR says where the API is. */
enum rc client_open(struct scope *s, const struct options *options, struct client *ret);

/* Send it; a body of success goes to out. Refusals carry the API's own words, field by
 * field; no answer at all is RC_UPSTREAM. */
enum rc client_send(
    struct scope *s, const struct client *client, const struct client_request *request, FILE *out);

/* The same, with the reply as JSON, owned by s. */
enum rc client_call(struct scope *s, const struct client *client,
    const struct client_request *request, json_t **ret);

#endif
