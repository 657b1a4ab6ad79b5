#ifndef NOTIFIER_HTTP_CHAT_H
#define NOTIFIER_HTTP_CHAT_H
/* Microsoft Teams (Workflows webhook) and Discord: what a reply means. SPEC.md 4.6. Pure. */
#include "notifier/http/http_reply.h"

/* The same table for both; only Discord tells when its next message may come. */
struct outcome chat_classify(const struct http_reply *reply);

#endif
