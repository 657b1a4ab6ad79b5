#ifndef NOTIFIER_SLACK_H
#define NOTIFIER_SLACK_H
/* Slack incoming webhooks: what a reply means. SPEC.md 4.1. Pure. */
#include "notifier/outcome.h"

/* At most one message in this time to one channel URL (SPEC.md 4.5). */
#define SLACK_GAP INT64_C(1000000)

struct outcome slack_judge(const struct http_reply *reply);

#endif
