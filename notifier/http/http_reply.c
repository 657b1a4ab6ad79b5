#include "notifier/http/http_reply.h"

struct outcome http_unanswered(const struct http_reply *reply)
{
    if (reply->refused)
        return (struct outcome){.state = OUTCOME_FAILED, .reason = "forbidden_address"};
    return (struct outcome){.state = OUTCOME_RETRY,
        .reason = reply->sent ? "no_reply" : "unreachable",
        .possible_duplicate = reply->sent};
}

struct outcome http_by_status(const struct http_meaning *rows, const struct http_reply *reply)
{
    if (!reply->status)
        return http_unanswered(reply);
    while (reply->status < rows->from || reply->status > rows->to)
        rows++;
    struct outcome o = {.state = rows->state, .reason = rows->reason, .code = reply->status};
    if (o.state == OUTCOME_RETRY)
        o.retry_after = reply->retry_after;
    return o;
}
