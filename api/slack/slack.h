#pragma once
/*
 * The Slack app: events, the command /amends, shortcuts, forms and buttons, all signed (Slack,
 * "Verifying requests from Slack"). A Slack user acts as the member of staff that they are linked
 * with (link.h), by calling the routes of /v1 as the console does (ask.h), so roles, checks, undo
 * windows and the audit log are the same.
 */
#include "api/call/call.h"

extern const struct route_list slack_routes;

extern const struct shape slack_link_shape;
route_fn hook_slack, hook_slack_command, hook_slack_interaction, slack_link_list, slack_link_delete;
