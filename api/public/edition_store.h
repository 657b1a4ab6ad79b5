#ifndef API_PUBLIC_EDITION_STORE_H
#define API_PUBLIC_EDITION_STORE_H
/* The editions that are kept, by kind, language and parameter. Any thread; what is handed
 * out is counted, so that a newer one may take its place meanwhile. */
#include <stdatomic.h>
#include <stdint.h>

#include "core/scope.h"

struct MHD_Response;
struct edition_job;

/* A document, in every language and for every parameter. */
struct edition_kind {
    const char *type; /* Content-Type */
    bool page;        /* HTML of templates/page: localised, with our policy */
    bool warm;        /* rendered at the start, before anybody asks */
    enum rc (*render)(struct edition_job *job);
};

struct edition {
    atomic_int holders;
    char *bytes, *gzip;
    size_t len, gzip_len;
    char tag[40], gzip_tag[40];                             /* ETags, quoted */
    _Atomic(struct MHD_Response *) response, gzip_response; /* the server's; NULL: not yet made */
};

struct edition_key {
    const struct edition_kind *kind;
    const char *locale;
    bool chosen;
    const char *param; /* NULL: none */
};

struct edition_store;
struct edition_store *edition_store_new(void);
void edition_store_free(struct edition_store *store);

/* Made of bytes, which are copied; held once by the caller. */
struct edition *edition_new(const char *bytes, size_t len);
void edition_release(void *edition);

/* stale: the form that says so. Held by the caller; NULL: not kept. */
struct edition *edition_store_find(
    struct edition_store *store, const struct edition_key *key, bool stale);
/* Keep it (the store holds it too) and forget a stale form unless this is one. Whatever was
 * not read for longest makes room. */
void edition_store_put(struct edition_store *store, const struct edition_key *key,
    struct edition *edition, bool stale);
/* Forget every stale form: it is fresh again. */
void edition_store_revive(struct edition_store *store);

/* The n-th key that is kept, copied into s; false at the end. Order may change meanwhile. */
bool edition_store_key(
    struct edition_store *store, struct scope *s, size_t n, struct edition_key *ret);

#endif
