#pragma once
/* The limits of the channels, because they drift: of those with a document (provider.h) there, of
 * the others here. Slack, "Blocks" and "Rate limits"; for push, RFC 8030 7.2. Pure. */
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"
#include "messages/channel.h"
#include "messages/provider.h"

const struct limits *limits_of(enum channel channel);

/* The text, cut to chars characters and "..." if it is longer. */
const char *limits_cut(struct scope *s, const char *text, size_t chars);

/* The same for Slack, which counts "&", "<" and ">" in their escaped form. */
const char *limits_cut_slack(struct scope *s, const char *text, size_t chars);

/* The same for Markdown: never cuts inside a link or a URL. */
const char *limits_cut_markdown(struct scope *s, const char *text, size_t chars);

/* The same for Slack's mrkdwn: never cuts inside an entity or a link. */
const char *limits_cut_mrkdwn(struct scope *s, const char *text, size_t chars);

/* Escape Markdown characters in plain text with backslashes. */
const char *limits_literal(struct scope *s, const char *text);
