#pragma once
/* Cached pages by kind, language and parameter. Callable from any thread; pages are
 * reference-counted, so that a newer one can replace a page in use. */
#include <stdatomic.h>
#include <stdint.h>

#include "core/scope.h"

struct MHD_Response;
struct cached_page_job;
struct call;

/* A kind of document, for every language and parameter. */
struct cached_page_kind {
    const char *type; /* Content-Type */
    bool page;        /* HTML of templates/page: localised, with our policy */
    bool localised;   /* another document that is in the reader's language */
    bool warm;        /* rendered at start-up, before the first request */
    const char *(*param)(const struct call *c); /* NULL: the first parameter of the path */
    enum rc (*render)(struct cached_page_job *job);
    const char *policy; /* Content-Security-Policy of a document that is no page; NULL: none */
};

struct cached_page {
    atomic_int holders;
    char *bytes, *gzip;
    size_t len, gzip_len;
    char tag[40], gzip_tag[40]; /* ETags, quoted */
    _Atomic(struct MHD_Response *) response,
        gzip_response; /* the server's response; NULL: none yet */
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

/* Create a page from bytes, which are copied; the caller holds one reference. */
struct cached_page *cached_page_new(const char *bytes, size_t len);
void cached_page_release(void *cached_page);

/* stale: the variant with the notice. The caller holds a reference; NULL: not cached. */
struct cached_page *page_store_find(
    struct page_store *store, const struct cached_page_key *key, bool stale);
/* Store a page (adding a reference) and drop its stale variant unless this is one. Drops the least
 * recently read pages to make room. */
void page_store_put(struct page_store *store, const struct cached_page_key *key,
    struct cached_page *cached_page, bool stale);
/* Drop a page that no longer exists. */
void page_store_drop(struct page_store *store, const struct cached_page_key *key);
/* Drop all stale variants once the database answers again. */
void page_store_revive(struct page_store *store);

/* Copy the n-th cached key into s; false at the end. The order may change meanwhile. */
bool page_store_key(
    struct page_store *store, struct scope *s, size_t n, struct cached_page_key *ret);
