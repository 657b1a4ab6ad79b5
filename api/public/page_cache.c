#include "api/public/page_cache.h"

#include <stdlib.h>
#include <string.h>

#include "api/public/page_store.h"
#include "api/http/language.h"
#include "api/call/page.h"
#include "api/call/site.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/db/watch.h"
#include "templates/label.h"

enum { DOCUMENT_MAX = 4 * 1024 * 1024, BEAT_MS = 1000, RENDER_TRIES = 3 };
#define SILENCE_US (4 * CLOCK_SECOND) /* of the database, after which pages report it */
#define AGE_US \
    (60 * CLOCK_SECOND) /* refresh, since days and maintenances pass without a notification */

struct page_cache {
    const struct api *api;
    struct page_store *store;
    struct watch *watch;
    bool changed;     /* since it was rendered */
    int64_t rendered; /* monotonic */
    atomic_bool down;
    _Atomic int64_t beat;      /* monotonic: last answer of the database */
    _Atomic int64_t beat_at;   /* the same by the wall clock */
    _Atomic uint64_t revision; /* incremented before changed pages are rendered again */
};

STMT(page_cache_beat, "SELECT 1 FROM schema_migration LIMIT 1");

/* Also done by notifiers (notifier/queue/housekeeping.c). */
STMT(page_cache_publish, "SELECT amends.held_posts_publish()", .row = &row_int);

static bool is_stale(struct page_cache *cache)
{
    return atomic_load(&cache->down) || clock_monotonic() - atomic_load(&cache->beat) > SILENCE_US;
}

/* A change while we read makes the result stale before it is stored, and only stored pages are
 * rendered again: so retry, a few times at most. */
static enum rc render(struct page_cache *cache, struct scope *s, struct db *db,
    const struct cached_page_key *key, struct cached_page **ret)
{
    STRBUF(b, DOCUMENT_MAX);
    struct cached_page_job job = {.s = s,
        .db = db,
        .api = cache->api,
        .locale = key->locale,
        .chosen = key->chosen,
        .param = key->param,
        .out = &b};
    uint64_t revision;
    int tries = 0;
    do {
        strbuf_clear(&b);
        revision = atomic_load(&cache->revision);
        TRY(key->kind->render(&job));
    } while (revision != atomic_load(&cache->revision) && ++tries < RENDER_TRIES);
    if (b.overflow)
        return fail(s, RC_INTERNAL, "a public document is larger than %d bytes", DOCUMENT_MAX);
    *ret = cached_page_new(b.buf, b.len);
    if (revision == atomic_load(&cache->revision))
        page_store_put(cache->store, key, *ret, false);
    return RC_OK;
}

/* Once per outage and document: the mark becomes a notice for the reader. */
static struct cached_page *make_stale(struct page_cache *cache, struct scope *s,
    const struct cached_page_key *key, struct cached_page *now)
{
    const char *mark = key->kind->page ? strstr(now->bytes, PAGE_STALE_MARK) : NULL;
    if (!mark)
        return now;
    STRBUF(b, DOCUMENT_MAX + 4096);
    strbuf_add(&b, now->bytes, (size_t)(mark - now->bytes));
    int64_t at = atomic_load(&cache->beat_at);
    strbuf_addf(&b, "<p class=\"stale\" role=\"status\">%s <time datetime=\"%s\">%s</time></p>",
        label_text(s, key->locale, "page", "as_of"), clock_rfc3339(s, at),
        clock_local(s, at, "UTC"));
    strbuf_addstr(&b, mark + strlen(PAGE_STALE_MARK));
    struct cached_page *stale = cached_page_new(b.buf, b.len);
    page_store_put(cache->store, key, stale, true);
    cached_page_release(now);
    return stale;
}

static struct cached_page *kept(
    struct page_cache *cache, struct scope *s, const struct cached_page_key *key)
{
    bool stale = is_stale(cache);
    struct cached_page *e = page_store_find(cache->store, key, stale);
    if (e || !stale)
        return e;
    e = page_store_find(cache->store, key, false);
    return e ? make_stale(cache, s, key, e) : NULL;
}

static bool is_localised(const struct cached_page_kind *kind)
{
    return kind->page || kind->localised;
}

/* Whether it is rendered before the first request: pages in every language, the others in one. */
static bool is_warm(const struct cached_page_key *key)
{
    return key->kind->warm && !key->chosen &&
           (key->kind->page || !strcmp(key->locale, languages->tag));
}

static struct cached_page_key key_of(struct call *c)
{
    const struct cached_page_kind *kind = c->route->cached_page;
    struct cached_page_key key = {
        .kind = kind, .locale = "en", .param = kind->param ? kind->param(c) : c->param[0]};
    if (is_localised(kind))
        key.locale = language_of(c->request, &key.chosen)->tag;
    return key;
}

bool cached_page_ready(struct call *c)
{
    struct cached_page_key key = key_of(c);
    c->cached_page = kept(c->api->page_cache, c->s, &key);
    if (c->cached_page)
        scope_defer(c->s, cached_page_release, c->cached_page);
    return c->cached_page;
}

bool takes_gzip(const struct call *c)
{
    const char *header = c->request->accept_encoding;
    const char *at = header ? strcasestr(header, "gzip") : NULL;
    return at && strncmp(at + strlen("gzip"), ";q=0", 4) != 0;
}

static void answer(struct call *c, struct cached_page *e)
{
    const struct cached_page_kind *kind = c->route->cached_page;
    bool gzip = e->gzip && takes_gzip(c);
    const char *tag = gzip ? e->gzip_tag : e->tag, *asked = c->request->if_none_match;
    reply_header(c, "ETag", tag);
    reply_header(c, "Cache-Control", "public, no-cache, stale-if-error=3600");
    reply_header(
        c, "Vary", is_localised(kind) ? "Accept-Encoding, Accept-Language" : "Accept-Encoding");
    if (kind->page)
        page_policy(c);
    else
        reply_header(c, "Access-Control-Allow-Origin", "*");
    if (kind->policy)
        reply_header(c, "Content-Security-Policy", kind->policy);
    if (asked && (!strcmp(asked, "*") || strstr(asked, tag))) {
        c->reply.status = 304;
        return;
    }
    c->reply.status = 200;
    c->reply.type = kind->type;
    if (gzip)
        reply_header(c, "Content-Encoding", "gzip");
    c->reply.fixed = gzip ? e->gzip : e->bytes;
    c->reply.fixed_len = gzip ? e->gzip_len : e->len;
    c->reply.shared = gzip ? &e->gzip_response : &e->response;
}

enum rc cached_page_reply(struct call *c)
{
    if (!c->cached_page && !cached_page_ready(c)) {
        struct cached_page_key key = key_of(c);
        TRY(render(c->api->page_cache, c->s, c->db, &key, &c->cached_page));
        scope_defer(c->s, cached_page_release, c->cached_page);
    }
    answer(c, c->cached_page);
    return RC_OK;
}

/* False: there is no such page any more, such as that of a retracted incident. */
static bool render_logged(
    struct page_cache *cache, struct db *db, const struct cached_page_key *key)
{
    SCOPE(s);
    struct cached_page *e = NULL;
    enum rc rc = render(cache, s, db, key, &e);
    if (rc == RC_OK)
        cached_page_release(e);
    else if (rc == RC_NOT_FOUND)
        page_store_drop(cache->store, key);
    else
        log_fault("a public document cannot be rendered", s);
    return rc != RC_NOT_FOUND;
}

static void render_all(struct page_cache *cache, struct db *db)
{
    SCOPE(s);
    struct cached_page_key key;
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)); i++) {
        key = (struct cached_page_key){.kind = route->cached_page};
        if (!key.kind)
            continue;
        for (const struct language *l = languages; l->tag; l++) {
            key.locale = l->tag;
            if (is_warm(&key))
                render_logged(cache, db, &key);
        }
    }
    /* Another takes the place of a page that was dropped. */
    for (size_t n = 0; page_store_key(cache->store, s, n, &key);)
        n += is_warm(&key) || render_logged(cache, db, &key);
}

/* Whether the database answers. */
static bool beat(struct page_cache *cache, struct db *db)
{
    SCOPE(s);
    bool answers = db_do(s, db, &page_cache_beat, NO_PARAMS, NULL) == RC_OK;
    if (answers) {
        atomic_store(&cache->beat, clock_monotonic());
        atomic_store(&cache->beat_at, clock_now());
    }
    if (answers && atomic_exchange(&cache->down, false))
        page_store_revive(cache->store);
    else if (!answers)
        atomic_store(&cache->down, true);
    return answers;
}

/* Publish held posts whose undo window is over, although no notifier runs. */
static bool publish(struct db *db)
{
    SCOPE(s);
    int64_t n = 0;
    if (db_one(s, db, &page_cache_publish, NO_PARAMS, &n) != RC_OK)
        log_fault("held posts wait", s);
    return n > 0;
}

static void look(struct scope *s, struct db *db, bool notified, void *arg)
{
    struct page_cache *cache = arg;
    cache->changed |= notified;
    if (!beat(cache, db))
        return;
    cache->changed |= publish(db);
    if (!cache->changed && clock_monotonic() - cache->rendered <= AGE_US)
        return;
    cache->changed = false;
    if (site_load(s, db, cache->api->site) != RC_OK)
        log_fault("the look of the pages cannot be read", s);
    atomic_fetch_add(&cache->revision, 1);
    render_all(cache, db);
    cache->rendered = clock_monotonic();
}

static const char *const channels[] = {"public_changed", NULL};
static const struct watching watching = {.channels = channels, .every_ms = BEAT_MS, .look = look};

struct page_cache *page_cache_start(const struct api *api)
{
    struct page_cache *cache = calloc(1, sizeof(*cache));
    if (!cache)
        abort();
    cache->api = api;
    cache->store = page_store_new();
    cache->down = true;
    cache->changed = true;
    cache->beat_at = clock_now();
    cache->watch = watch_start(api->config->database_url, "api", &watching, cache);
    return cache;
}

void page_cache_stop(struct page_cache *cache)
{
    if (!cache)
        return;
    watch_stop(cache->watch);
    page_store_free(cache->store);
    free(cache);
}
