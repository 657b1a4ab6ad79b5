/* The public page's own files: /static/{name}. */
#include <string.h>

#include "api/call/call.h"
#include "api/public/page_cache.h"
#include "api/public/public.h"
#include "core/embed.h"

static const char *type_of(const char *name)
{
    static const struct {
        const char *suffix, *type;
    } types[] = {{".css", "text/css; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"}};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
        if (!strcmp(types[i].suffix, dot))
            return types[i].type;
    return NULL;
}

enum rc static_get(struct call *c)
{
    bool gzip = takes_gzip(c);
    const char *path = scope_printf(c->s, "api/static/%s%s", c->param[0], gzip ? ".gz" : "");
    const struct embed *file = embed_find(path);
    const char *type = type_of(c->param[0]);
    if (!file || !type)
        return refuse(c, 404, "this path does not exist");
    strbuf_add(&c->reply.body, file->text, file->len);
    if (gzip)
        reply_header(c, "Content-Encoding", "gzip");
    reply_header(c, "Vary", "Accept-Encoding");
    c->reply.status = 200;
    c->reply.type = type;
    reply_header(c, "Cache-Control", "public, max-age=3600");
    return RC_OK;
}
