#pragma once
/*
 * Slack, in two ways. Pure.
 *
 * The address is the URL of an incoming webhook
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks), or slack://CHANNEL
 * of a bot, whose token is the subscriber's secret and which posts by the Web API
 * (https://docs.slack.dev/reference/methods/chat.postMessage). For a bot an incident is one
 * thread: its first update is the root, later updates reply to it, and the root is kept current.
 * The root's "CHANNEL:ts" is the reference of the delivery that posted it.
 *
 *     STRBUF(body, 4096);
 *     slack_bot_body(&body, SLACK_POST, "slack://C0123", "C0123:17.5", false, "{\"text\":\"Up\"}",
 *         13);
 *     body.buf is {"channel":"C0123","thread_ts":"17.5","text":"Up"}
 */
#include "core/strbuf.h"
#include "notifier/http/http_reply.h"

struct outcome slack_classify(const struct http_reply *reply);     /* of an incoming webhook */
struct outcome slack_bot_classify(const struct http_reply *reply); /* .reference: "CHANNEL:ts" */

enum slack_method { SLACK_POST, SLACK_UPDATE };
extern const char *const slack_method_name[]; /* "chat.postMessage" */

/* Append the body: the members of message, a JSON object, behind the channel and thread. With a
 * root SLACK_POST replies to it, and SLACK_UPDATE replaces it. broadcast: show a reply in the
 * channel, too. */
void slack_bot_body(struct strbuf *b, enum slack_method method, const char *address,
    const char *root, bool broadcast, const char *message, size_t len);
