/* Failures as application/problem+json (RFC 9457), or as a page for people. */
#include <string.h>

#include "api/call/call.h"
#include "api/call/page.h"
#include "core/log.h"

static const struct {
    int status;
    const char *type;
    const char *title;
} problems[] = {
    {.status = 400, .type = "malformed", .title = "Malformed request"},
    {.status = 401, .type = "unauthenticated", .title = "API key required"},
    {.status = 403, .type = "denied", .title = "Not allowed"},
    {.status = 404, .type = "not-found", .title = "Not found"},
    {.status = 405, .type = "method", .title = "Method not allowed"},
    {.status = 409, .type = "conflict", .title = "Conflict with the current state"},
    {.status = 413, .type = "too-large", .title = "Body too large"},
    {.status = 415, .type = "media-type", .title = "Unsupported media type"},
    {.status = 422, .type = "invalid", .title = "A field is invalid"},
    {.status = 429, .type = "too-many", .title = "Too many requests"},
    {.status = 500, .type = "internal", .title = "Internal error"},
    {.status = 502, .type = "upstream", .title = "An external service failed"},
    {.status = 503, .type = "retry", .title = "Temporarily unavailable"},
};

static size_t problem_of(int status)
{
    for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
        if (problems[i].status == status)
            return i;
    return 10;
}

static void text_member(struct strbuf *b, const char *name, const char *text)
{
    strbuf_addf(b, ",\"%s\":\"", name);
    strbuf_addjson(b, text, strlen(text));
    strbuf_addch(b, '"');
}

static void add_errors(
    struct strbuf *b, const struct call *c, const char *field, const char *detail)
{
    if (c->errors) {
        strbuf_addf(b, ",\"errors\":%s", c->errors);
        return;
    }
    if (!field)
        return;
    strbuf_addstr(b, ",\"errors\":[{\"field\":\"");
    strbuf_addjson(b, field, strlen(field));
    strbuf_addch(b, '"');
    text_member(b, "detail", detail);
    strbuf_addstr(b, "}]");
}

void reply_problem(struct call *c, enum rc rc)
{
    int status = c->refusal ? c->refusal : rc_http_status(rc);
    size_t p = problem_of(status);
    const char *detail = c->s->fault.message, *field = c->s->fault.field;
    if (status >= 500) {
        field = NULL;
        log_fault("request failed", c->s);
        detail = "The log of the service has the cause under this request_id.";
    }
    if (!detail)
        detail = problems[p].title;
    strbuf_clear(&c->reply.body);
    if (c->reply.file)
        fclose(TAKE(c->reply.file));
    c->reply.status = status;
    if (status == 503)
        reply_header(c, "Retry-After", "1");
    if (c->route && c->route->page) {
        page_failure(c, problems[p].title, status >= 500 ? "" : detail);
        return;
    }
    c->reply.type = "application/problem+json";
    struct strbuf *b = &c->reply.body;
    strbuf_addf(b, "{\"type\":\"urn:amends:problem:%s\"", problems[p].type);
    text_member(b, "title", problems[p].title);
    strbuf_addf(b, ",\"status\":%d", status);
    text_member(
        b, "detail", field && !c->errors ? scope_printf(c->s, "%s: %s", field, detail) : detail);
    text_member(b, "instance", c->request->target ? c->request->target : "");
    text_member(b, "request_id", c->request->id);
    add_errors(b, c, field, detail);
    strbuf_addch(b, '}');
}
