#include "messages/transactional.h"

#include <string.h>

#include "core/json.h"
#include "messages/context_put.h"

static void put_endpoint(json_t *endpoint, json_t *root)
{
    const char *reason = json_get_text(endpoint, "reason");
    json_object_set_new(endpoint, "failing", json_boolean(reason && !strcmp(reason, "failing")));
    json_object_set(root, "endpoint", endpoint);
}

/* The part of the new address that the old one may see. */
static void put_moved(
    struct scope *s, const struct context_spec *spec, const json_t *moved, json_t *root)
{
    const char *address = json_get_text(moved, "address");
    json_object_set_new(root, "new_address", json_string(address ? address : ""));
    json_object_set_new(root, "subscribe_url",
        json_string(scope_printf(s, "%s/subscribe", spec->config->public_url)));
}

static void put_answer(
    struct scope *s, const struct context_spec *spec, json_t *answer, json_t *root)
{
    json_object_set(root, "answer", answer);
    json_object_set_new(root, "statement_url", json_string(token_url(s, spec, "/credit/")));
}

static void put_claim(struct scope *s, const struct context_spec *spec, json_t *claim, json_t *root)
{
    json_object_set(root, "claim", claim);
    json_object_set_new(root, "claim_url", json_string(token_url(s, spec, "/claims/")));
}

/* As JSON text, which the template inserts as it is. */
static void put_members(struct scope *s, json_t *extra, json_t *root)
{
    const char *name;
    json_t *value, *members = json_object();
    json_object_foreach(extra, name, value)
        json_object_set_new(members, name, json_string(json_text(s, value)));
    json_object_set_new(root, "statuspage", members);
}

enum rc transactional_put(struct scope *s, const struct context_spec *spec, json_t *root)
{
    json_t *extra = NULL;
    const char *text = spec->broadcast->extra ? spec->broadcast->extra : "{}";
    TRY(json_parse(s, text, strlen(text), &extra));
    if (spec->broadcast->kind == KIND_ENDPOINT)
        put_endpoint(extra, root);
    else if (spec->broadcast->kind == KIND_CREDIT_ANSWER)
        put_answer(s, spec, extra, root);
    else if (spec->broadcast->kind == KIND_CLAIM_ANSWER)
        put_claim(s, spec, extra, root);
    else if (spec->broadcast->kind == KIND_CREDIT_EVENT)
        json_object_set(root, "event", extra);
    else if (spec->broadcast->kind == KIND_COMPONENT_UPDATE)
        put_members(s, extra, root);
    else
        put_moved(s, spec, extra, root);
    return RC_OK;
}
