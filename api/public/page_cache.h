#pragma once
/*
 * Public pages are rendered once per change and served from memory: a cached page is the complete
 * bytes of one document in one language, plain and gzipped, with their ETag.
 *
 * A thread with its own database connection listens for `public_changed` and renders every cached
 * page again; requests only serve the result. While the database does not answer, pages state their
 * age, and other documents are served unchanged. A worker renders a page on its first request.
 * Memory is bounded: the least recently read pages are dropped.
 *
 *     static enum rc render(struct cached_page_job *job) { ... strbuf_addstr(job->out, ...); }
 *     const struct cached_page_kind public_feed = {.type = "application/atom+xml", .render =
 * render};
 *     {.verb = GET, .path = "/feed.atom", .cached_page = &public_feed, .run = cached_page_reply,
 * ...}
 */
#include "api/call/call.h"
#include "api/public/page_store.h"

struct cached_page_job {
    struct scope *s;
    struct db *db;
    const struct api *api;
    const char *locale; /* "en" if the kind is not localised */
    const char *zone;   /* of the times in words; NULL: UTC */
    bool chosen;        /* the language was chosen by ?lang=, so links keep it */
    const char *param;  /* of the path, or NULL */
    json_t *site;       /* a draft of the look (site.h); NULL: the published one */
    struct strbuf *out;
};

struct page_cache;

/* Start the thread. api and its cache must outlive it. */
struct page_cache *page_cache_start(const struct api *api);
void page_cache_stop(struct page_cache *cache); /* NULL is fine */

/* Whether the reply is in memory, so that an event thread may send it. It is then held for
 * cached_page_reply until the end of the scope. */
bool cached_page_ready(struct call *c);
/* The handler of every route with a cached page. */
enum rc cached_page_reply(struct call *c);

/* Whether the request accepts gzip (RFC 9110, 12.5.3). */
bool takes_gzip(const struct call *c);
