#include "core/push/vapid.h"

#include <ctype.h>
#include <curl/curl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"

/* RFC 8292 2: at most 24 hours. */
#define VALID_US (12 * 3600 * CLOCK_SECOND)
enum { ORIGINS = 16, TOKEN_MAX = 2048 };

struct origin {
    char *name, *header;
    int64_t renew_at;
};

struct vapid {
    struct p256 *key;
    const char *subject, *public; /* in scope */
    struct scope *scope;
    struct origin origin[ORIGINS];
    size_t next; /* to make room */
};

static struct p256 *key_of(const struct sign *keys)
{
    unsigned char seed[P256_SEED];
    sign_push_seed(keys, seed);
    struct p256 *key = p256_derived(seed);
    sodium_memzero(seed, sizeof seed);
    return key;
}

static const char *public_of(struct scope *s, const struct p256 *key)
{
    unsigned char point[P256_POINT];
    STRBUF(b, TOKEN_MAX);
    p256_public(key, point);
    sign_base64url(&b, point, sizeof point);
    return strbuf_copy(&b, s);
}

const char *vapid_public(struct scope *s, const struct sign *keys)
{
    CLEANUP(p256_freep) struct p256 *key = key_of(keys);
    return public_of(s, key);
}

struct vapid *vapid_new(const struct sign *keys, const char *subject)
{
    struct vapid *vapid = calloc(1, sizeof *vapid);
    if (!vapid)
        abort();
    vapid->key = key_of(keys);
    vapid->subject = subject;
    vapid->scope = scope_new();
    vapid->public = public_of(vapid->scope, vapid->key);
    return vapid;
}

void vapid_free(struct vapid *vapid)
{
    if (!vapid)
        return;
    for (size_t i = 0; i < ORIGINS; i++) {
        free(vapid->origin[i].name);
        free(vapid->origin[i].header);
    }
    p256_free(vapid->key);
    scope_free(vapid->scope);
    free(vapid);
}

static void free_url(CURLU **url)
{
    curl_url_cleanup(*url);
}

static const char *lower(struct scope *s, const char *text)
{
    char *copy = scope_strdup(s, text);
    for (char *at = copy; at && *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return copy;
}

static const char *part(struct scope *s, CURLU *url, CURLUPart what)
{
    char *text = NULL;
    if (curl_url_get(url, what, &text, CURLU_PUNYCODE) != CURLUE_OK)
        return NULL;
    const char *copy = lower(s, text);
    curl_free(text);
    return copy;
}

/* RFC 6454 6.2, without a default port. */
static const char *origin_of(struct scope *s, const char *endpoint)
{
    CLEANUP(free_url) CURLU *url = curl_url();
    if (!url || curl_url_set(url, CURLUPART_URL, endpoint, 0) != CURLUE_OK)
        return NULL;
    const char *scheme = part(s, url, CURLUPART_SCHEME), *host = part(s, url, CURLUPART_HOST);
    const char *port = part(s, url, CURLUPART_PORT);
    if (!scheme || !host)
        return NULL;
    if (!port || !strcmp(port, strcmp(scheme, "http") != 0 ? "443" : "80"))
        return scope_printf(s, "%s://%s", scheme, host);
    return scope_printf(s, "%s://%s:%s", scheme, host, port);
}

static void add_part(struct scope *s, struct strbuf *b, json_t *object)
{
    const char *text = json_text(s, json_own(s, object));
    sign_base64url(b, text, strlen(text));
}

static const char *header_of(
    struct scope *s, const struct vapid *vapid, const char *origin, int64_t now)
{
    unsigned char signature[P256_SIGNATURE];
    STRBUF(b, TOKEN_MAX);
    add_part(s, &b, json_pack("{s:s, s:s}", "typ", "JWT", "alg", "ES256"));
    strbuf_addch(&b, '.');
    add_part(s, &b,
        json_pack("{s:s, s:I, s:s}", "aud", origin, "exp",
            (json_int_t)((now + VALID_US) / CLOCK_SECOND), "sub", vapid->subject));
    p256_sign(vapid->key, b.buf, b.len, signature);
    strbuf_addch(&b, '.');
    sign_base64url(&b, signature, sizeof signature);
    return scope_printf(s, "vapid t=%s, k=%s", b.buf, vapid->public);
}

static struct origin *find(struct vapid *vapid, const char *name)
{
    for (size_t i = 0; i < ORIGINS; i++)
        if (vapid->origin[i].name && !strcmp(vapid->origin[i].name, name))
            return &vapid->origin[i];
    struct origin *origin = &vapid->origin[vapid->next++ % ORIGINS];
    free(origin->name);
    free(TAKE(origin->header));
    origin->name = strdup(name);
    return origin;
}

const char *vapid_header(struct scope *s, struct vapid *vapid, const char *endpoint, int64_t now)
{
    const char *name = origin_of(s, endpoint);
    if (!name)
        return NULL;
    struct origin *origin = find(vapid, name);
    if (!origin->header || now >= origin->renew_at) {
        free(origin->header);
        origin->header = strdup(header_of(s, vapid, name, now));
        origin->renew_at = now + VALID_US / 2;
    }
    return origin->header;
}
