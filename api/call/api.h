#pragma once
/*
 * The api role: HTTP in front of the database. May use core and templates.
 */
#include "core/config.h"
#include "core/sign.h"

struct call;
struct page_cache;
struct proxies;
struct site;

/* Sessions of staff, for the dispatcher. */
struct staff_guard {
    const char *cookie;
    enum rc (*recognise)(struct call *c);  /* sets c->staff and c->key; RC_DENIED: not signed in */
    enum rc (*ask_in)(struct call *c);     /* redirects to the sign-in page, and back afterwards */
    enum rc (*check_form)(struct call *c); /* reads c->form, which must come from our own page */
};

/* Shared by all requests; constant while the role runs. */
struct api {
    const struct config *config;
    const struct sign *keys;
    const char *public_url; /* for links, without trailing slash */
    struct page_cache *page_cache;
    struct site *site; /* the published look (site.h); NULL: the default */
    const struct proxies *proxies;
    const struct staff_guard *staff;
    /* The page of a failure at an address of the console (console.h). */
    enum rc (*staff_failure)(struct call *c, int status, const char *detail);
};

/* Serve until SIGTERM, then drain. Returns the exit code. */
int api_main(const struct config *config);
