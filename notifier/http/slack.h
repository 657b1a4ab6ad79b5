#ifndef NOTIFIER_HTTP_SLACK_H
#define NOTIFIER_HTTP_SLACK_H
/* Slack incoming webhooks: what a reply means. SPEC.md 4.1. Pure. */
#include "notifier/http/http_reply.h"

struct outcome slack_classify(const struct http_reply *reply);

#endif
