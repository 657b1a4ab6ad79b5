#include "notifier/http/http_reply.h"

struct outcome http_unanswered(const struct http_reply *reply)
{
    if (reply->refused)
        return (struct outcome){.state = OUTCOME_FAILED, .reason = "forbidden_address"};
    return (struct outcome){.state = OUTCOME_RETRY,
        .reason = reply->sent ? "no_reply" : "unreachable",
        .possible_duplicate = reply->sent};
}
