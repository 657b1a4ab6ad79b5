#include "notifier/http/push.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "messages/facts.h"

enum { DAY_S = 86400, MINUTE_S = 60, TOPIC_BYTES = 18, TOPIC_MAX = 32 };

/* High wakes a phone that saves its battery; low waits until it is charged or in use. */
static const char *urgency_of(const struct broadcast *b)
{
    if (b->kind == KIND_DIGEST)
        return "low";
    if (!broadcast_is_of_incident(b) || !b->facts)
        return "normal";
    const struct facts_component *at = b->facts->components.at;
    for (size_t i = 0; i < b->facts->components.n; i++)
        if (at[i].level &&
            (!strcmp(at[i].level, "major_outage") || !strcmp(at[i].level, "partial_outage")))
            return "high";
    return "normal";
}

/* A reminder is of no use once the maintenance has begun. */
static int64_t ttl_of(const struct broadcast *b, int64_t now)
{
    int64_t from = b->facts ? b->facts->incident.scheduled_from : SHAPE_NONE;
    if (b->kind != KIND_REMINDER || from == SHAPE_NONE)
        return DAY_S;
    int64_t left = (from - now) / CLOCK_SECOND;
    return left < MINUTE_S ? MINUTE_S : left > DAY_S ? DAY_S : left;
}

struct push_headers push_headers_of(
    struct scope *s, const struct sign *keys, const struct broadcast *b, int64_t now)
{
    struct push_headers headers = {.ttl = ttl_of(b, now), .urgency = urgency_of(b)};
    if (!broadcast_is_of_incident(b))
        return headers;
    unsigned char hash[SIGN_HASH];
    STRBUF(topic, TOPIC_MAX);
    sign_address_hash(keys, "topic", scope_printf(s, "%lld", (long long)b->incident_id), hash);
    sign_base64url(&topic, hash, TOPIC_BYTES);
    headers.topic = strbuf_copy(&topic, s);
    return headers;
}

/* 401 and 403 refuse our token and not the subscription, so they end only the message. */
static const struct http_meaning outcomes[] = {
    {.from = 200, .to = 299, .state = OUTCOME_ACCEPTED},
    {.from = 404, .to = 404, .state = OUTCOME_DISABLE, .reason = "gone"},
    {.from = 408, .to = 408, .state = OUTCOME_RETRY, .reason = "no_reply"},
    {.from = 410, .to = 410, .state = OUTCOME_DISABLE, .reason = "gone"},
    {.from = 413, .to = 413, .state = OUTCOME_FAILED, .reason = "too_large"},
    {.from = 429, .to = 429, .state = OUTCOME_RETRY, .reason = "throttled"},
    {.from = 500, .to = 599, .state = OUTCOME_RETRY, .reason = "refused"},
    {.from = 0, .to = 999, .state = OUTCOME_FAILED, .reason = "refused"},
};

struct outcome push_classify(const struct http_reply *reply)
{
    return http_by_status(outcomes, reply);
}
