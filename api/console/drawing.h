#pragma once
/*
 * Draws the posts of the outbox as Slack, a chat and a browser show them: {parts: [{html,
 * kind}], actions: [{title, url}]}, kind being "header", "section" or "context". The HTML is made
 * here, from text that is escaped here.
 */
#include <jansson.h>

#include "api/call/call.h"

/* A new reference; null for a webhook, and for a body that is no JSON object. */
json_t *drawing_of_post(struct call *c, const char *channel, const char *body);

/* Append Slack's mrkdwn as HTML: https://docs.slack.dev/messaging/formatting-message-text */
void drawing_mrkdwn(struct strbuf *b, const char *text);
