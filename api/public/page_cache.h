#ifndef API_PUBLIC_PAGE_CACHE_H
#define API_PUBLIC_PAGE_CACHE_H
/*
 * What the public reads is rendered once per change and served from memory: an
 * cached page is the finished bytes of one document in one language, plain and gzipped,
 * with their ETag.
 *
 * A thread with a connection of its own listens for `public_changed` and renders every
 * cached page again; requests only hand out what is there. While the database
 * does not answer, pages say as of when they are, and all else is served as it was.
 * What nobody has read before is rendered by a worker on the first request. Memory is
 * bounded: what was not read for longest makes room.
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
    const char *locale; /* "en" where the kind is not localised */
    bool chosen;        /* the language was chosen by ?lang=, so links carry it on */
    const char *param;  /* of the path, or NULL */
    struct strbuf *out;
};

struct page_cache;

/* Start the thread. api and its cache outlive it. */
struct page_cache *page_cache_start(const struct api *api);
void page_cache_stop(struct page_cache *cache); /* NULL is fine */

/* Is the answer in memory, so that it may be given on an event thread? It is then held for
 * cached_page_reply, as long as the scope. */
bool cached_page_ready(struct call *c);
/* The handler of every route that has a cached page. */
enum rc cached_page_reply(struct call *c);

#endif
