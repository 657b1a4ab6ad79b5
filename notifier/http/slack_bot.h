#ifndef NOTIFIER_HTTP_SLACK_BOT_H
#define NOTIFIER_HTTP_SLACK_BOT_H
/*
 * Slack's Web API with a bot token: SPEC.md 4.2, 4.3. The address is slack://CHANNEL, the
 * token is the subscriber's secret. An incident is one thread: its first update is the root,
 * the later ones reply to it, and the root is kept current. The root's "CHANNEL:ts" is the
 * reference of the delivery that posted it.
 */
#include "core/strbuf.h"
#include "notifier/http/http_reply.h"

enum slack_method { SLACK_POST, SLACK_UPDATE };
extern const char *const slack_method_name[]; /* "chat.postMessage" */

/* Append the body: message (a JSON object with members) with where it goes. With a root
 * SLACK_POST replies to it, and SLACK_UPDATE replaces it. broadcast: show a reply in the
 * channel, too. Pure. */
void slack_bot_body(struct strbuf *b, enum slack_method method, const char *address,
    const char *root, bool broadcast, const char *message, size_t len);

/* Accepted: .reference is "CHANNEL:ts". Pure. */
struct outcome slack_bot_classify(const struct http_reply *reply);

#endif
