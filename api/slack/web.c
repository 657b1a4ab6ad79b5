#include "api/slack/web.h"

#include "core/json.h"
#include "core/log.h"
#include "core/net/net.h"

enum { WAIT_MS = 2000, REPLY_MAX = 512 * 1024 };

/* NULL, or the error. */
static const char *post(struct call *c, const char *url, json_t *body)
{
    const struct config *config = c->api->config;
    struct net_guard guard = {.allow_loopback = config->allow_loopback};
    json_t *json = NULL;
    int status = 0;
    STRBUF(reply, REPLY_MAX);
    SCOPE(inner);
    if (!*config->slack_bot_token)
        return "slack_bot_token is not set";
    const char *text = json_text(c->s, json_own(c->s, body));
    if (net_post_json(
            inner, url, &guard, text, config->slack_bot_token, WAIT_MS, &reply, &status) != RC_OK)
        return scope_strdup(c->s, inner->fault.message);
    if (json_parse(inner, reply.buf, reply.len, &json) != RC_OK)
        return scope_printf(c->s, "HTTP %d", status);
    if (json_is_true(json_object_get(json, "ok")))
        return NULL;
    const char *error = json_get_text(json, "error");
    return scope_strdup(c->s, error ? error : "unexpected reply");
}

const char *slack_web(struct call *c, const char *method, json_t *body)
{
    const char *url = scope_printf(c->s, "%s/%s", c->api->config->slack_api_url, method);
    const char *error = post(c, url, body);
    if (error)
        log_event(
            LOG_WARN, "Slack refused a call", LOG_TEXT("method", method), LOG_TEXT("error", error));
    return error;
}

const char *slack_view_open(struct call *c, const char *trigger, json_t *view)
{
    return slack_web(c, "views.open", json_pack("{s:s, s:o}", "trigger_id", trigger, "view", view));
}

const char *slack_view_update(struct call *c, const char *id, const char *hash, json_t *view)
{
    return slack_web(c, "views.update",
        json_pack("{s:s, s:s*, s:o}", "view_id", id, "hash", hash, "view", view));
}
