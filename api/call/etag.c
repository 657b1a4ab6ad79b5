#include "api/call/etag.h"

#include <sodium.h>
#include <string.h>

enum { BODY_MAX = 1024 * 1024, TAG = 16 };

static bool applies(const struct call *c)
{
    if (!c->route || c->route->cached_page || c->reply.file || c->route->verb != GET ||
        c->reply.status != 200)
        return false;
    for (size_t i = 0; i < c->reply.n_headers; i++)
        if (!strcmp(c->reply.header[i].value, "no-store"))
            return false;
    return c->reply.body.len <= BODY_MAX;
}

/* A list of tags, including weak ones, or a star. */
static bool matches(const char *header, const char *tag)
{
    return header && (!strcmp(header, "*") || strstr(header, tag));
}

void etag_apply(struct call *c)
{
    if (!applies(c))
        return;
    unsigned char hash[TAG];
    char hex[2 * TAG + 1];
    crypto_generichash(
        hash, sizeof(hash), (const unsigned char *)c->reply.body.buf, c->reply.body.len, NULL, 0);
    sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
    const char *tag = scope_printf(c->s, "\"%s\"", hex);
    reply_header(c, "ETag", tag);
    if (!matches(c->request->if_none_match, tag))
        return;
    c->reply.status = 304;
    c->reply.type = NULL;
    strbuf_clear(&c->reply.body);
}
