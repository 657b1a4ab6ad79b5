#ifndef API_API_H
#define API_API_H
/*
 * The api role: HTTP in front of the database. May use core and templates.
 */
#include "core/config.h"
#include "core/sign.h"

struct editions;
struct proxies;

/* What every request may read; fixed while the role runs. */
struct api {
    const struct config *config;
    const struct sign *keys;
    const char *public_url; /* in links, no trailing slash */
    struct editions *editions;
    const struct proxies *proxies;
};

/* Serve until SIGTERM, then drain. Returns the exit code. */
int api_main(const struct config *config);

#endif
