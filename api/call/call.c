#include "api/call/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char media_json[] = "application/json";

static int success(const struct call *c)
{
    return c->route->status ? c->route->status : 200;
}

enum rc reply_object(struct call *c, const void *object)
{
    if (!c->reply.status)
        c->reply.status = success(c);
    c->reply.type = media_json;
    shape_print(&c->reply.body, c->route->reply, object);
    return RC_OK;
}

enum rc reply_list(struct call *c, struct list rows, const char *next_cursor)
{
    const struct shape *shape = c->route->reply;
    struct strbuf *b = &c->reply.body;
    c->reply.status = success(c);
    c->reply.type = media_json;
    strbuf_addstr(b, "{\"data\":[");
    for (size_t i = 0; i < rows.n; i++) {
        if (i)
            strbuf_addch(b, ',');
        shape_print(b, shape, (const char *)rows.at + i * shape->size);
    }
    strbuf_addstr(b, "],\"next_cursor\":");
    if (next_cursor)
        strbuf_addf(b, "\"%s\"", next_cursor);
    else
        strbuf_addstr(b, "null");
    strbuf_addch(b, '}');
    return RC_OK;
}

enum rc reply_nothing(struct call *c)
{
    c->reply.status = 204;
    c->reply.type = NULL;
    return RC_OK;
}

enum rc reply_file(struct call *c, const char *type, FILE **ret_file)
{
    c->reply.file = tmpfile();
    if (!c->reply.file)
        return fail(c->s, RC_INTERNAL, "no temporary file for the reply: %m");
    c->reply.status = success(c);
    c->reply.type = type;
    *ret_file = c->reply.file;
    return RC_OK;
}

void reply_header(struct call *c, const char *name, const char *value)
{
    if (c->reply.n_headers < REPLY_HEADERS)
        c->reply.header[c->reply.n_headers++] = (struct request_pair){.name = name, .value = value};
}

enum rc refuse(struct call *c, int status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *detail = scope_vprintf(c->s, fmt, ap);
    va_end(ap);
    c->refusal = status;
    return fail(c->s, RC_INVALID, "%s", detail);
}

enum rc call_id(struct call *c, size_t n, int64_t *ret)
{
    const char *text = c->param[n];
    char *end;
    errno = 0;
    long long id = strtoll(text, &end, 10);
    if (text[0] < '1' || text[0] > '9' || *end || errno)
        return fail(c->s, RC_NOT_FOUND, "no object has the id \"%.40s\"", text);
    *ret = id;
    return RC_OK;
}

const char *call_actor(const struct call *c)
{
    return c->key ? c->key->actor : "public";
}
