#include "notifier/http/chat.h"

/* The first row that contains the status decides. A repeated request would get 400 and the like
 * again. */
static const struct {
    int from, to;
    enum outcome_state state;
    const char *reason;
} outcomes[] = {
    {.from = 200, .to = 299, .state = OUTCOME_ACCEPTED},
    {.from = 401, .to = 401, .state = OUTCOME_DISABLE, .reason = "gone"},
    {.from = 403, .to = 404, .state = OUTCOME_DISABLE, .reason = "gone"},
    {.from = 408, .to = 408, .state = OUTCOME_RETRY, .reason = "no_reply"},
    {.from = 410, .to = 410, .state = OUTCOME_DISABLE, .reason = "gone"},
    {.from = 429, .to = 429, .state = OUTCOME_RETRY, .reason = "throttled"},
    {.from = 500, .to = 599, .state = OUTCOME_RETRY, .reason = "refused"},
    {.from = 0, .to = 999, .state = OUTCOME_FAILED, .reason = "refused"},
};

struct outcome chat_classify(const struct http_reply *reply)
{
    if (!reply->status)
        return http_unanswered(reply);
    size_t i = 0;
    while (reply->status < outcomes[i].from || reply->status > outcomes[i].to)
        i++;
    struct outcome o = {
        .state = outcomes[i].state,
        .reason = outcomes[i].reason,
        .code = reply->status,
        .rest = reply->rest,
    };
    if (o.state == OUTCOME_RETRY)
        o.retry_after = reply->retry_after;
    if (reply->status == 429 && o.rest < reply->retry_after)
        o.rest = reply->retry_after;
    return o;
}
