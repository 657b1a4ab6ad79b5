#include "notifier/http/slack.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"

const char *const slack_method_name[] = {
    [SLACK_POST] = "chat.postMessage", [SLACK_UPDATE] = "chat.update"};

void slack_bot_body(struct strbuf *b, enum slack_method method, const char *address,
    const char *root, bool broadcast, const char *message, size_t len)
{
    const char *colon = root ? strchr(root, ':') : NULL;
    const char *channel = colon ? root : address + strlen("slack://");
    size_t channel_len = colon ? (size_t)(colon - root) : strlen(channel);
    const char *brace = memchr(message, '{', len);
    size_t skip = brace ? (size_t)(brace - message) + 1 : 0;
    strbuf_addstr(b, "{\"channel\":\"");
    strbuf_addjson(b, channel, channel_len);
    strbuf_addch(b, '"');
    if (colon) {
        strbuf_addf(b, ",\"%s\":\"", method == SLACK_UPDATE ? "ts" : "thread_ts");
        strbuf_addjson(b, colon + 1, strlen(colon + 1));
        strbuf_addch(b, '"');
    }
    if (broadcast)
        strbuf_addstr(b, ",\"reply_broadcast\":true");
    strbuf_addch(b, ',');
    strbuf_add(b, message + skip, len - skip);
}

/* https://docs.slack.dev/reference/methods/chat.postMessage#errors. Any other error fails this
 * message only: the same bytes would get the same answer. */
static const struct {
    const char *error;
    enum outcome_state state;
} errors[] = {
    {.error = "invalid_auth", .state = OUTCOME_DISABLE},
    {.error = "not_authed", .state = OUTCOME_DISABLE},
    {.error = "token_revoked", .state = OUTCOME_DISABLE},
    {.error = "token_expired", .state = OUTCOME_DISABLE},
    {.error = "account_inactive", .state = OUTCOME_DISABLE},
    {.error = "channel_not_found", .state = OUTCOME_DISABLE},
    {.error = "is_archived", .state = OUTCOME_DISABLE},
    {.error = "not_in_channel", .state = OUTCOME_DISABLE},
    {.error = "missing_scope", .state = OUTCOME_DISABLE},
    {.error = "restricted_action", .state = OUTCOME_DISABLE},
    {.error = "internal_error", .state = OUTCOME_UNKNOWN},
    {.error = "fatal_error", .state = OUTCOME_UNKNOWN},
    {.error = "ratelimited", .state = OUTCOME_RETRY},
    {.error = "rate_limited", .state = OUTCOME_RETRY},
    {.error = "service_unavailable", .state = OUTCOME_RETRY},
};

static struct outcome classify_error(const char *error)
{
    for (size_t i = 0; error && i < sizeof errors / sizeof errors[0]; i++)
        if (!strcmp(errors[i].error, error))
            return (struct outcome){.state = errors[i].state, .reason = errors[i].error};
    return (struct outcome){.state = OUTCOME_FAILED, .reason = "refused"};
}

static struct outcome classify_body(const struct http_reply *reply)
{
    SCOPE(s);
    json_t *json = NULL;
    if (json_parse(s, reply->body ? reply->body : "", reply->len, &json) != RC_OK)
        return (struct outcome){.state = OUTCOME_UNKNOWN, .reason = "unexpected_reply"};
    if (!json_is_true(json_object_get(json, "ok")))
        return classify_error(json_string_value(json_object_get(json, "error")));
    struct outcome o = {.state = OUTCOME_ACCEPTED};
    const char *channel = json_string_value(json_object_get(json, "channel"));
    const char *ts = json_string_value(json_object_get(json, "ts"));
    const char *place = channel && ts ? scope_printf(s, "%s:%s", channel, ts) : "";
    if (strlen(place) < sizeof o.reference)
        strcpy(o.reference, place);
    return o;
}

struct outcome slack_bot_classify(const struct http_reply *reply)
{
    struct outcome o = {.state = OUTCOME_RETRY};
    if (!reply->status)
        o = http_unanswered(reply);
    else if (reply->status == 429)
        o.reason = "throttled";
    else if (reply->status >= 500)
        o.reason = "refused";
    else if (reply->status == 200)
        o = classify_body(reply);
    else
        o = (struct outcome){.state = OUTCOME_FAILED, .reason = "refused"};
    o.code = reply->status;
    if (o.state == OUTCOME_RETRY)
        o.retry_after = o.rest = reply->retry_after;
    return o;
}

/* ---- incoming webhooks ---- */

static bool body_is(const struct http_reply *reply, const char *word)
{
    size_t len = reply->len;
    while (len && (reply->body[len - 1] == '\n' || reply->body[len - 1] == '\r'))
        len--;
    return len == strlen(word) && !memcmp(reply->body, word, len);
}

static bool is_gone(const struct http_reply *reply)
{
    static const char *const words[] = {"no_service", "no_active_hooks", "invalid_token",
        "channel_not_found", "channel_is_archived", "no_team", "team_disabled"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (body_is(reply, words[i]))
            return true;
    return reply->status == 403 || reply->status == 404 || reply->status == 410;
}

struct outcome slack_classify(const struct http_reply *reply)
{
    struct outcome o = {.state = OUTCOME_RETRY, .code = reply->status};
    if (!reply->status)
        return http_unanswered(reply);
    if (reply->status == 200 && body_is(reply, "ok")) {
        o.state = OUTCOME_ACCEPTED;
    } else if (reply->status == 429) {
        o.reason = "throttled";
        o.retry_after = o.rest = reply->retry_after;
    } else if (reply->status >= 500) {
        o.reason = "refused";
        o.retry_after = reply->retry_after;
    } else if (is_gone(reply)) {
        o.state = OUTCOME_DISABLE;
        o.reason = "gone";
    } else {
        /* invalid_payload and the like, a redirect, 200 without ok: the same bytes
         * would get the same answer. */
        o.state = OUTCOME_FAILED;
        o.reason = reply->status == 200 ? "unexpected_reply" : "refused";
    }
    return o;
}
