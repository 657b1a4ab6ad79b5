#ifndef API_PUBLIC_EDITION_H
#define API_PUBLIC_EDITION_H
/*
 * What the public reads is rendered once per change and served from memory: an
 * edition is the finished bytes of one document in one language, plain and gzipped,
 * with their ETag.
 *
 * A thread with a connection of its own listens for `public_changed` and renders every
 * edition that is kept again; requests only hand out what is there. While the database
 * does not answer, pages say as of when they are, and all else is served as it was.
 * What nobody has read before is rendered by a worker on the first request. Memory is
 * bounded: what was not read for longest makes room.
 *
 *     static enum rc render(struct edition_job *job) { ... strbuf_addstr(job->out, ...); }
 *     const struct edition_kind public_feed = {.type = "application/atom+xml", .render = render};
 *     {.verb = GET, .path = "/feed.atom", .edition = &public_feed, .run = edition_reply, ...}
 */
#include "api/call/call.h"
#include "api/public/edition_store.h"

struct edition_job {
    struct scope *s;
    struct db *db;
    const struct api *api;
    const char *locale; /* "en" where the kind is not localised */
    bool chosen;        /* the language was chosen by ?lang=, so links carry it on */
    const char *param;  /* of the path, or NULL */
    struct strbuf *out;
};

struct editions;

/* Start the thread. api and its editions outlive it. */
struct editions *editions_start(const struct api *api);
void editions_stop(struct editions *editions); /* NULL is fine */

/* Is the answer in memory, so that it may be given on an event thread? It is then held for
 * edition_reply, as long as the scope. */
bool edition_hot(struct call *c);
/* The handler of every route that has an edition. */
enum rc edition_reply(struct call *c);

#endif
