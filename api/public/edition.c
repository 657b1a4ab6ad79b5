#include "api/public/edition.h"

#include <stdlib.h>
#include <string.h>

#include "api/public/edition_store.h"
#include "api/http/language.h"
#include "api/call/page.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/db/watch.h"
#include "messages/label.h"

enum { DOCUMENT_MAX = 4 * 1024 * 1024, BEAT_MS = 1000, RENDER_TRIES = 3 };
#define SILENCE_US (4 * CLOCK_SECOND) /* of the database, after which a page says so */
#define AGE_US (60 * CLOCK_SECOND)    /* days and maintenances pass without a change */

struct editions {
    const struct api *api;
    struct edition_store *store;
    struct watch *watch;
    bool changed;     /* since it was rendered */
    int64_t rendered; /* monotonic */
    atomic_bool down;
    _Atomic int64_t beat;      /* monotonic: the database answered */
    _Atomic int64_t beat_at;   /* the same by the wall clock */
    _Atomic uint64_t revision; /* rises before what changed is rendered again */
};

STMT(editions_beat, "SELECT 1 FROM schema_migration LIMIT 1");

static bool is_stale(struct editions *editions)
{
    return atomic_load(&editions->down) ||
           clock_monotonic() - atomic_load(&editions->beat) > SILENCE_US;
}

/* A change while we read makes the bytes old before they are kept, and what is not kept is not
 * rendered again either: so read again, a few times at the most. */
static enum rc render(struct editions *editions, struct scope *s, struct db *db,
    const struct edition_key *key, struct edition **ret)
{
    STRBUF(b, DOCUMENT_MAX);
    struct edition_job job = {.s = s,
        .db = db,
        .api = editions->api,
        .locale = key->locale,
        .chosen = key->chosen,
        .param = key->param,
        .out = &b};
    uint64_t revision;
    int tries = 0;
    do {
        strbuf_clear(&b);
        revision = atomic_load(&editions->revision);
        TRY(key->kind->render(&job));
    } while (revision != atomic_load(&editions->revision) && ++tries < RENDER_TRIES);
    if (b.overflow)
        return fail(s, RC_INTERNAL, "a public document is larger than %d bytes", DOCUMENT_MAX);
    *ret = edition_new(b.buf, b.len);
    if (revision == atomic_load(&editions->revision))
        edition_store_put(editions->store, key, *ret, false);
    return RC_OK;
}

/* Once an outage for each document: the mark in it becomes a line for the reader. */
static struct edition *make_stale(
    struct editions *editions, struct scope *s, const struct edition_key *key, struct edition *now)
{
    const char *mark = key->kind->page ? strstr(now->bytes, PAGE_STALE_MARK) : NULL;
    if (!mark)
        return now;
    STRBUF(b, DOCUMENT_MAX + 4096);
    strbuf_add(&b, now->bytes, (size_t)(mark - now->bytes));
    int64_t at = atomic_load(&editions->beat_at);
    strbuf_addf(&b, "<p class=\"stale\" role=\"status\">%s <time datetime=\"%s\">%s</time></p>",
        label_text(s, key->locale, "page", "as_of"), clock_rfc3339(s, at),
        clock_local(s, at, "UTC"));
    strbuf_addstr(&b, mark + strlen(PAGE_STALE_MARK));
    struct edition *stale = edition_new(b.buf, b.len);
    edition_store_put(editions->store, key, stale, true);
    edition_release(now);
    return stale;
}

static struct edition *kept(
    struct editions *editions, struct scope *s, const struct edition_key *key)
{
    bool stale = is_stale(editions);
    struct edition *e = edition_store_find(editions->store, key, stale);
    if (e || !stale)
        return e;
    e = edition_store_find(editions->store, key, false);
    return e ? make_stale(editions, s, key, e) : NULL;
}

static struct edition_key key_of(struct call *c)
{
    const struct edition_kind *kind = c->route->edition;
    struct edition_key key = {.kind = kind, .locale = "en", .param = c->param[0]};
    if (kind->page)
        key.locale = language_of(c->request, &key.chosen)->tag;
    return key;
}

bool edition_hot(struct call *c)
{
    struct edition_key key = key_of(c);
    c->edition = kept(c->api->editions, c->s, &key);
    if (c->edition)
        scope_defer(c->s, edition_release, c->edition);
    return c->edition;
}

static bool takes_gzip(const struct call *c)
{
    const char *header = c->request->accept_encoding;
    const char *at = header ? strcasestr(header, "gzip") : NULL;
    return at && strncmp(at + strlen("gzip"), ";q=0", 4) != 0;
}

static void answer(struct call *c, struct edition *e)
{
    const struct edition_kind *kind = c->route->edition;
    bool gzip = e->gzip && takes_gzip(c);
    const char *tag = gzip ? e->gzip_tag : e->tag, *asked = c->request->if_none_match;
    reply_header(c, "ETag", tag);
    reply_header(c, "Cache-Control", "public, no-cache, stale-if-error=3600");
    reply_header(c, "Vary", kind->page ? "Accept-Encoding, Accept-Language" : "Accept-Encoding");
    if (kind->page)
        page_policy(c);
    else
        reply_header(c, "Access-Control-Allow-Origin", "*");
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

enum rc edition_reply(struct call *c)
{
    if (!c->edition && !edition_hot(c)) {
        struct edition_key key = key_of(c);
        TRY(render(c->api->editions, c->s, c->db, &key, &c->edition));
        scope_defer(c->s, edition_release, c->edition);
    }
    answer(c, c->edition);
    return RC_OK;
}

static void render_logged(struct editions *editions, struct db *db, const struct edition_key *key)
{
    SCOPE(s);
    struct edition *e = NULL;
    enum rc rc = render(editions, s, db, key, &e);
    if (rc == RC_OK)
        edition_release(e);
    else
        log_fault("a public document can not be rendered", s);
}

static void render_all(struct editions *editions, struct db *db)
{
    SCOPE(s);
    struct edition_key key;
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)); i++) {
        key = (struct edition_key){.kind = route->edition};
        if (!key.kind || !key.kind->warm)
            continue;
        for (const struct language *l = languages; l->tag; l++) {
            key.locale = l->tag;
            if (key.kind->page || l == languages)
                render_logged(editions, db, &key);
        }
    }
    for (size_t n = 0; edition_store_key(editions->store, s, n, &key); n++)
        if (!key.kind->warm || key.chosen)
            render_logged(editions, db, &key);
}

/* Does the database answer? */
static bool beat(struct editions *editions, struct db *db)
{
    SCOPE(s);
    bool answers = db_do(s, db, &editions_beat, NO_PARAMS, NULL) == RC_OK;
    if (answers) {
        atomic_store(&editions->beat, clock_monotonic());
        atomic_store(&editions->beat_at, clock_now());
    }
    if (answers && atomic_exchange(&editions->down, false))
        edition_store_revive(editions->store);
    else if (!answers)
        atomic_store(&editions->down, true);
    return answers;
}

static void look(struct scope *s, struct db *db, bool notified, void *arg)
{
    (void)s;
    struct editions *editions = arg;
    editions->changed |= notified;
    bool due = editions->changed || clock_monotonic() - editions->rendered > AGE_US;
    if (!beat(editions, db) || !due)
        return;
    editions->changed = false;
    atomic_fetch_add(&editions->revision, 1);
    render_all(editions, db);
    editions->rendered = clock_monotonic();
}

static const char *const channels[] = {"public_changed", NULL};
static const struct watching watching = {.channels = channels, .every_ms = BEAT_MS, .look = look};

struct editions *editions_start(const struct api *api)
{
    struct editions *editions = calloc(1, sizeof(*editions));
    if (!editions)
        abort();
    editions->api = api;
    editions->store = edition_store_new();
    editions->down = true;
    editions->changed = true;
    editions->beat_at = clock_now();
    editions->watch = watch_start(api->config->database_url, "api", &watching, editions);
    return editions;
}

void editions_stop(struct editions *editions)
{
    if (!editions)
        return;
    watch_stop(editions->watch);
    edition_store_free(editions->store);
    free(editions);
}
