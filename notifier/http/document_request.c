#include "notifier/http/document_request.h"

#include <string.h>

#include "core/json.h"
#include "messages/channel_address.h"
#include "messages/chat_event.h"

enum { ID_MAX = 64, MESSAGE_MAX = 256 * 1024 };

/* The message of the action, which is the whole text if the channel has none. */
static bool add_action(struct scope *s, const struct provider_action *action,
    const struct strbuf *text, struct strbuf *body)
{
    json_t *all;
    if (!action) {
        strbuf_add(body, text->buf, text->len);
        return true;
    }
    if (json_parse(s, text->buf, text->len, &all) != RC_OK)
        return false;
    strbuf_addstr(body, json_text(s, json_object_get(all, action->name)));
    return true;
}

static enum rc target(struct scope *s, const struct provider *channel,
    const struct provider_action *action, const char *address, const json_t *context,
    struct provider_request *ret)
{
    const char *path = action && action->path ? action->path : channel->path;
    const char *base = *channel->base_url ? channel->base_url : channel_address_base(s, address);
    TRY(provider_target(
        s, channel, *path || *channel->base_url ? base : address, path, context, ret));
    ret->content_type = "application/json";
    return RC_OK;
}

const char *document_prepare(struct scope *s, const struct sender *sender,
    struct http_request *request, const struct provider *channel)
{
    const struct recipient *r = request->recipient;
    bool loopback = sender->config->allow_loopback;
    const struct provider_action *action =
        chat_action(channel, r->batch->broadcast, r->root != NULL);
    json_t *parts, *context = json_own(s, json_object());
    struct provider_request filled;
    STRBUF(id, ID_MAX);
    STRBUF(text, MESSAGE_MAX);
    if (channel_address(s, channel, r->address, loopback, &parts) != RC_OK)
        return "forbidden_address";
    http_request_id(sender, r, &id);
    json_object_set(context, "to", parts);
    json_object_set_new(context, "id", json_string(id.buf));
    json_object_set(context, "event", chat_event(s, sender->config, r->batch->broadcast));
    if (target(s, channel, action, r->address, context, &filled) != RC_OK ||
        net_url_check(s, filled.url, loopback) != RC_OK)
        return "forbidden_address";
    http_request_fill(sender, r, context, &text);
    if (!add_action(s, action, &text, &request->body))
        return "unrenderable";
    http_request_use(s, request, &filled);
    if (!strcmp(channel->method, "PUT"))
        curl_easy_setopt(request->curl, CURLOPT_CUSTOMREQUEST, "PUT");
    return NULL;
}
