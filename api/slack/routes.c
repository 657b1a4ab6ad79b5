#include "api/call/list_page.h"
#include "api/slack/slack.h"

static const struct route rows[] = {
    {.verb = POST,
        .path = "/hooks/slack",
        .id = "receiveSlackEvent",
        .raw = true,
        .media = "text/plain",
        .run = hook_slack,
        .doc =
            "Events of the Slack app, signed: app_uninstalled and tokens_revoked end endpoints."},
    {.verb = POST,
        .path = "/hooks/slack/commands",
        .id = "receiveSlackCommand",
        .raw = true,
        .takes = "*/*", /* a form, which ogen would refuse undescribed */
        .media = "application/json",
        .slow = true,
        .run = hook_slack_command,
        .doc = "The command /amends, signed by Slack; the reply is a message for its user."},
    {.verb = POST,
        .path = "/hooks/slack/interactions",
        .id = "receiveSlackInteraction",
        .raw = true,
        .takes = "*/*", /* a form, which ogen would refuse undescribed */
        .media = "application/json",
        .slow = true,
        .run = hook_slack_interaction,
        .doc = "Shortcuts, forms and buttons, signed by Slack."},
    {.verb = GET,
        .path = "/v1/slack-links",
        .id = "listSlackLinks",
        .scope = "admin",
        .query = &long_page_filter_shape,
        .reply = &slack_link_shape,
        .list = true,
        .run = slack_link_list,
        .doc = "Slack users who act as members of staff, newest first."},
    {.verb = DELETE,
        .path = "/v1/slack-links/{id}",
        .id = "revokeSlackLink",
        .scope = "admin",
        .status = 204,
        .run = slack_link_delete,
        .doc = "End the link of a Slack user, effective at once."},
};
const struct route_list slack_routes = ROUTE_LIST(rows);
