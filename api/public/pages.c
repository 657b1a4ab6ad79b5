/* The public page's own files: /static/{name}. */
#include <string.h>

#include "api/call/call.h"
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
    const struct embed *file = embed_find(scope_printf(c->s, "api/static/%s", c->param[0]));
    const char *type = type_of(c->param[0]);
    if (!file || !type)
        return refuse(c, 404, "this path does not exist");
    strbuf_add(&c->reply.body, file->text, file->len);
    c->reply.status = 200;
    c->reply.type = type;
    reply_header(c, "Cache-Control", "public, max-age=3600");
    return RC_OK;
}
