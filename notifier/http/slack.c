#include "notifier/http/slack.h"

#include <string.h>

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
        /* invalid_payload and its kin, a redirect, 200 without ok: the same bytes
         * would meet the same answer. */
        o.state = OUTCOME_FAILED;
        o.reason = reply->status == 200 ? "unexpected_reply" : "refused";
    }
    return o;
}
