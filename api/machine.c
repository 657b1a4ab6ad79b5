/* For machines: /healthz /readyz /openapi.json, and POST /v1/keys. */
#include "api/call.h"
#include "api/lookup.h"
#include "api/openapi.h"
#include "api/resources.h"

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

enum rc openapi_get(struct call *c)
{
    openapi_print(&c->reply.body, c->api->public_url);
    return reply_text(c, "application/json");
}

struct new_key {
    const char *name;
    struct texts scopes;
};
#define SHAPE_STRUCT struct new_key
static const struct field new_key_fields[] = {
    FIELD(TEXT, name, .required = true, .min = 1, .max = 200, .doc = "What it is for."),
    FIELD(TEXTS, scopes, .required = true, .min = 1, .max = 30, .one_of = auth_scopes,
        .doc = "What it may do; admin: everything."),
};
const struct shape new_key_shape = SHAPE("NewKey", new_key_fields);
#undef SHAPE_STRUCT

struct created_key {
    int64_t id;
    char *key;
};
#define SHAPE_STRUCT struct created_key
static const struct field created_key_fields[] = {
    FIELD(INT, id, .required = true, .doc = "Number of the key."),
    FIELD(TEXT, key, .required = true, .doc = "The key; told once."),
};
const struct shape created_key_shape = SHAPE("CreatedKey", created_key_fields);
#undef SHAPE_STRUCT

enum rc key_create(struct call *c)
{
    const struct new_key *in = c->body;
    struct created_key reply;
    TRY(auth_create(c->s, c->db, in->name, &in->scopes, &reply.id, &reply.key));
    TRY(audit_add(c->s, c->db, call_actor(c), "key.create",
        scope_printf(c->s, "api_key:%lld", (long long)reply.id), NULL));
    return reply_object(c, &reply);
}
