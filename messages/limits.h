#pragma once
/* The limits of the chat services in one table, because they drift: Slack,
 * "Blocks" and "Rate limits"; Microsoft Teams, "Create incoming webhooks with Workflows";
 * Discord, "Create Message"; for push, RFC 8030 7.2. Pure. */
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"
#include "messages/channel.h"

struct limits {
    size_t title;      /* characters; longer ones are cut and end with "..." */
    size_t body;       /* characters of the body; 0: any */
    size_t components; /* characters of all names and levels together; 0: any */
    int64_t gap;       /* us between two messages to one endpoint; 0: none */
};

extern const struct limits limits[CHANNEL_COUNT];

/* The text, cut to chars characters and "..." if it is longer. */
const char *limits_cut(struct scope *s, const char *text, size_t chars);

/* The same for Slack, which counts "&", "<" and ">" in their escaped form. */
const char *limits_cut_slack(struct scope *s, const char *text, size_t chars);

/* The same for Markdown: never cuts inside a link or a URL. */
const char *limits_cut_markdown(struct scope *s, const char *text, size_t chars);

/* The same for Slack's mrkdwn: never cuts inside an entity or a link. */
const char *limits_cut_mrkdwn(struct scope *s, const char *text, size_t chars);

/* Escape Markdown characters in plain text with backslashes (Discord). */
const char *limits_literal(struct scope *s, const char *text);
