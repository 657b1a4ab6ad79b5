#pragma once
/* Web push (RFC 8030): the headers of a message, and outcomes of replies. Pure. */
#include "core/scope.h"
#include "core/sign.h"
#include "messages/broadcast.h"
#include "notifier/http/http_reply.h"

/* TTL and Urgency by what the message says, and a Topic per incident (RFC 8030 5.2 to 5.4), so that
 * an update replaces an earlier one that a service still holds; topic NULL: none. */
struct push_headers {
    int64_t ttl; /* s */
    const char *urgency;
    const char *topic; /* 24 characters of base64url, in s */
};
struct push_headers push_headers_of(
    struct scope *s, const struct sign *keys, const struct broadcast *b, int64_t now);

struct outcome push_classify(const struct http_reply *reply);
