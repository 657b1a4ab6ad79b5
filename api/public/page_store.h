#ifndef API_PUBLIC_PAGE_STORE_H
#define API_PUBLIC_PAGE_STORE_H
/* The pages that are kept, by kind, language and parameter. Any thread; what is handed
 * out is counted, so that a newer one may take its place meanwhile. */
#include <stdatomic.h>
#include <stdint.h>

#include "core/scope.h"

struct MHD_Response;
struct cached_page_job;

/* A document, in every language and for every parameter. */
struct cached_page_kind {
    const char *type; /* Content-Type */
    bool page;        /* HTML of templates/page: localised, with our policy */
    bool warm;        /* rendered at the start, before anybody asks */
    enum rc (*render)(struct cached_page_job *job);
};

struct cached_page {
    atomic_int holders;
    char *bytes, *gzip;
    size_t len, gzip_len;
    char tag[40], gzip_tag[40];                             /* ETags, quoted */
    _Atomic(struct MHD_Response *) response, gzip_response; /* the server's; NULL: not yet made */
};

struct cached_page_key {
    const struct cached_page_kind *kind;
    const char *locale;
    bool chosen;
    const char *param; /* NULL: none */
};

struct page_store;
struct page_store *page_store_new(void);
void page_store_free(struct page_store *store);

/* Made of bytes, which are copied; held once by the caller. */
struct cached_page *cached_page_new(const char *bytes, size_t len);
void cached_page_release(void *cached_page);

/* stale: the form that says so. Held by the caller; NULL: not kept. */
struct cached_page *page_store_find(
    struct page_store *store, const struct cached_page_key *key, bool stale);
/* Keep it (the store holds it too) and forget a stale form unless this is one. Whatever was
 * not read for longest makes room. */
void page_store_put(struct page_store *store, const struct cached_page_key *key,
    struct cached_page *cached_page, bool stale);
/* Forget every stale form: it is fresh again. */
void page_store_revive(struct page_store *store);

/* The n-th key that is kept, copied into s; false at the end. Order may change meanwhile. */
bool page_store_key(
    struct page_store *store, struct scope *s, size_t n, struct cached_page_key *ret);

#endif
