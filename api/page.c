#include "api/page.h"

#include "core/json.h"
#include "templates/template.h"

static const char policy[] = "default-src 'none'; style-src 'self'; form-action 'self'; "
                             "base-uri 'none'; frame-ancestors 'none'";

static enum rc render(struct call *c, const char *name, const char *title, json_t *context)
{
    const struct config *config = c->api->config;
    json_object_set_new(context, "brand", json_string(config->brand));
    json_object_set_new(context, "public_url", json_string(c->api->public_url));
    json_object_set_new(context, "title", json_string(title));
    json_object_set_new(context, "postal_address",
        *config->postal_address ? json_string(config->postal_address) : json_null());
    struct template *template;
    const char *kind = scope_printf(c->s, "page/%s", name);
    TRY(template_load(c->s, kind, "en", "html", &template));
    strbuf_clear(&c->reply.body);
    return template_render(c->s, template, context, &c->reply.body);
}

static void add_headers(struct call *c, bool private)
{
    c->reply.type = "text/html; charset=utf-8";
    reply_header(c, "Content-Security-Policy", policy);
    if (!private)
        return;
    reply_header(c, "Referrer-Policy", "no-referrer");
    reply_header(c, "Cache-Control", "no-store");
    reply_header(c, "X-Robots-Tag", "noindex");
}

enum rc page_reply(
    struct call *c, const char *name, const char *title, json_t *context, bool private)
{
    TRY(render(c, name, title, context));
    if (!c->reply.status)
        c->reply.status = c->route->status ? c->route->status : 200;
    add_headers(c, private);
    return RC_OK;
}

void page_failure(struct call *c, const char *title, const char *detail)
{
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "detail", *detail ? json_string(detail) : json_null());
    json_object_set_new(context, "request_id", json_string(c->request->id));
    if (render(c, "failure", title, context) == RC_OK) {
        add_headers(c, true);
        return;
    }
    strbuf_clear(&c->reply.body);
    strbuf_addf(&c->reply.body, "%s\n", title);
    c->reply.type = "text/plain; charset=utf-8";
}
