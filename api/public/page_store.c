#include "api/public/page_store.h"

#include <microhttpd.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/clock.h"

enum { SLOTS = 1024, BYTES = 64 * 1024 * 1024, TAG = 16, GZIP_BITS = 15 + 16, GZIP_MEMORY = 8 };

struct slot {
    struct cached_page_key key; /* owns its strings */
    struct cached_page *now, *stale;
    int64_t read_at;
};

struct page_store {
    pthread_mutex_t lock;
    struct slot slot[SLOTS];
    size_t n, bytes;
};

static void *need(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

struct page_store *page_store_new(void)
{
    struct page_store *store = need(calloc(1, sizeof(*store)));
    pthread_mutex_init(&store->lock, NULL);
    return store;
}

/* RFC 1952, level 6, since it is compressed once and sent often. NULL: not smaller. */
static char *compress_bytes(const char *bytes, size_t len, size_t *ret_len)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)len};
    if (deflateInit2(&z, 6, Z_DEFLATED, GZIP_BITS, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    uLong most = deflateBound(&z, (uLong)len);
    char *out = need(malloc(most));
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)most;
    int end = deflate(&z, Z_FINISH);
    *ret_len = z.total_out;
    deflateEnd(&z);
    if (end == Z_STREAM_END && *ret_len < len)
        return out;
    free(out);
    *ret_len = 0;
    return NULL;
}

struct cached_page *cached_page_new(const char *bytes, size_t len)
{
    struct cached_page *e = need(calloc(1, sizeof(*e)));
    e->holders = 1;
    e->bytes = need(malloc(len + 1));
    memcpy(e->bytes, bytes, len);
    e->bytes[len] = '\0';
    e->len = len;
    e->gzip = compress_bytes(bytes, len, &e->gzip_len);
    unsigned char hash[TAG];
    char hex[2 * TAG + 1];
    crypto_generichash(hash, sizeof(hash), (const unsigned char *)bytes, len, NULL, 0);
    sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
    snprintf(e->tag, sizeof(e->tag), "\"%s\"", hex);
    snprintf(e->gzip_tag, sizeof(e->gzip_tag), "\"%s-gz\"", hex);
    return e;
}

void cached_page_release(void *cached_page)
{
    struct cached_page *e = cached_page;
    if (!e || atomic_fetch_sub(&e->holders, 1) != 1)
        return;
    if (e->response)
        MHD_destroy_response(e->response);
    if (e->gzip_response)
        MHD_destroy_response(e->gzip_response);
    free(e->bytes);
    free(e->gzip);
    free(e);
}

static size_t size_of(const struct cached_page *e)
{
    return e ? sizeof(*e) + e->len + e->gzip_len : 0;
}

static bool same(const struct cached_page_key *a, const struct cached_page_key *b)
{
    return a->kind == b->kind && a->chosen == b->chosen && !strcmp(a->locale, b->locale) &&
           (a->param ? b->param && !strcmp(a->param, b->param) : !b->param);
}

static struct slot *find(struct page_store *store, const struct cached_page_key *key)
{
    for (size_t i = 0; i < store->n; i++)
        if (same(&store->slot[i].key, key))
            return &store->slot[i];
    return NULL;
}

struct cached_page *page_store_find(
    struct page_store *store, const struct cached_page_key *key, bool stale)
{
    pthread_mutex_lock(&store->lock);
    struct slot *slot = find(store, key);
    struct cached_page *e = !slot ? NULL : stale ? slot->stale : slot->now;
    if (slot)
        slot->read_at = clock_monotonic();
    if (e)
        atomic_fetch_add(&e->holders, 1);
    pthread_mutex_unlock(&store->lock);
    return e;
}

static void replace(struct page_store *store, struct cached_page **place, struct cached_page *e)
{
    store->bytes -= size_of(*place);
    cached_page_release(*place);
    *place = e;
    store->bytes += size_of(e);
}

static void drop(struct page_store *store, struct slot *slot)
{
    replace(store, &slot->now, NULL);
    replace(store, &slot->stale, NULL);
    free((char *)(uintptr_t)slot->key.locale);
    free((char *)(uintptr_t)slot->key.param);
    *slot = store->slot[--store->n];
}

static void make_room(struct page_store *store, size_t more)
{
    while (store->n == SLOTS || (store->n && store->bytes + more > BYTES)) {
        struct slot *oldest = NULL;
        for (size_t i = 0; i < store->n; i++)
            if (!store->slot[i].key.kind->warm &&
                (!oldest || store->slot[i].read_at < oldest->read_at))
                oldest = &store->slot[i];
        if (!oldest)
            return;
        drop(store, oldest);
    }
}

static struct slot *add(struct page_store *store, const struct cached_page_key *key)
{
    if (store->n == SLOTS)
        return NULL;
    struct slot *slot = &store->slot[store->n++];
    *slot = (struct slot){.key = *key, .read_at = clock_monotonic()};
    slot->key.locale = need(strdup(key->locale));
    slot->key.param = key->param ? need(strdup(key->param)) : NULL;
    return slot;
}

void page_store_put(struct page_store *store, const struct cached_page_key *key,
    struct cached_page *cached_page, bool stale)
{
    pthread_mutex_lock(&store->lock);
    struct slot *slot = find(store, key);
    if (!slot) {
        make_room(store, size_of(cached_page));
        slot = add(store, key);
    }
    if (slot) {
        atomic_fetch_add(&cached_page->holders, 1);
        replace(store, stale ? &slot->stale : &slot->now, cached_page);
        if (!stale)
            replace(store, &slot->stale, NULL);
    }
    pthread_mutex_unlock(&store->lock);
}

void page_store_drop(struct page_store *store, const struct cached_page_key *key)
{
    pthread_mutex_lock(&store->lock);
    struct slot *slot = find(store, key);
    if (slot)
        drop(store, slot);
    pthread_mutex_unlock(&store->lock);
}

void page_store_revive(struct page_store *store)
{
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < store->n; i++)
        replace(store, &store->slot[i].stale, NULL);
    pthread_mutex_unlock(&store->lock);
}

bool page_store_key(
    struct page_store *store, struct scope *s, size_t n, struct cached_page_key *ret)
{
    pthread_mutex_lock(&store->lock);
    bool there = n < store->n;
    if (there) {
        *ret = store->slot[n].key;
        ret->locale = scope_strdup(s, ret->locale);
        ret->param = scope_strdup(s, ret->param);
    }
    pthread_mutex_unlock(&store->lock);
    return there;
}

void page_store_free(struct page_store *store)
{
    while (store->n)
        drop(store, store->slot);
    pthread_mutex_destroy(&store->lock);
    free(store);
}
