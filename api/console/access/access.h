#pragma once
/* The console's pages about access: sign-in, own account, people, keys, audit log. */
#include "api/console/console.h"

extern const struct route_list console_access_routes;

route_fn console_login, console_login_post, console_forgot, console_forgot_post, console_oidc_start,
    console_oidc_callback, console_logout_post, console_welcome, console_welcome_post,
    console_people, console_people_post, console_keys, console_keys_post, console_audit,
    console_account, console_account_post, console_slack, console_slack_post, console_slack_end;

/* Links with Slack (struct slack_link) into context as "slack". */
void access_put_slack(struct call *c, const struct list *links, json_t *context);
