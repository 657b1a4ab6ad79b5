/* For machines: /healthz /readyz /openapi.json. */
#include "api/call/call.h"
#include "api/openapi/openapi.h"
#include "api/routes.h"

STMT(ready_check, "SELECT 1 FROM schema_migration LIMIT 1");

static enum rc reply_text(struct call *c, const char *type)
{
    c->reply.status = 200;
    c->reply.type = type;
    return RC_OK;
}

enum rc health_get(struct call *c)
{
    strbuf_addstr(&c->reply.body, "ok\n");
    return reply_text(c, "text/plain");
}

enum rc ready_get(struct call *c)
{
    if (db_do(c->s, c->db, &ready_check, NO_PARAMS, NULL) != RC_OK)
        return fail(c->s, RC_RETRY, "the database does not answer");
    strbuf_addstr(&c->reply.body, "ready\n");
    return reply_text(c, "text/plain");
}

SHAPE_EXTERN(struct openapi_filter, openapi_filter_shape, "OpenApiFilter",
    FIELD(BOOL, pages, .doc = "Also the pages for people, which clients cannot use."));

enum rc openapi_get(struct call *c)
{
    const struct openapi_filter *filter = c->query;
    openapi_print(&c->reply.body, c->api->public_url, filter->pages);
    return reply_text(c, "application/json");
}
