#include "notifier/http/chat.h"

/* A repeated request would get 400 and the like again. */
static const struct http_meaning outcomes[] = {
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
    struct outcome o = http_by_status(outcomes, reply);
    if (!reply->status)
        return o;
    o.rest = reply->rest;
    if (reply->status == 429 && o.rest < reply->retry_after)
        o.rest = reply->retry_after;
    return o;
}
