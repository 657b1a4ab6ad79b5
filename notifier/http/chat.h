#pragma once
/*
 * Outcomes of replies from Teams and Discord. Pure.
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors
 * https://discord.com/developers/docs/resources/webhook
 */
#include "notifier/http/http_reply.h"

/* The same table for both; only Discord reports when the next message may come. */
struct outcome chat_classify(const struct http_reply *reply);
