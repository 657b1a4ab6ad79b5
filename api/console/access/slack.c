/* /staff/slack/{token}: link a Slack user with the person signed in; and the links of a person. */
#include <stdlib.h>

#include "api/call/page.h"
#include "api/console/access/access.h"
#include "api/access/staff.h"
#include "api/slack/link.h"
#include "core/clock.h"
#include "core/json.h"

void access_put_slack(struct call *c, const struct list *links, json_t *context)
{
    const struct slack_link *at = links->at;
    json_t *list = json_array();
    for (size_t i = 0; i < links->n; i++)
        json_array_append_new(
            list, json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)at[i].id, "login",
                      at[i].login, "user", at[i].user_name, "team", at[i].team_name, "linked_at",
                      clock_rfc3339(c->s, at[i].linked_at)));
    json_object_set_new(context, "slack", list);
}

enum rc console_slack(struct call *c)
{
    struct slack_caller caller;
    int64_t made;
    TRY(slack_link_open(c, c->param[0], &caller, &made));
    json_t *context = json_own(c->s,
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "user", caller.user_name, "user_id", caller.user,
            "team", caller.team_name, "team_id", caller.team, "token", c->param[0]));
    console_title(context, caller.user_name);
    return console_reply(c, "access/slack", context);
}

enum rc console_slack_post(struct call *c)
{
    struct slack_caller caller;
    int64_t made;
    TRY(slack_link_open(c, c->param[0], &caller, &made));
    TRY(slack_link_make(c, &caller, made));
    return console_go(c, "/staff/account?saved=1#slack");
}

enum rc console_slack_end(struct call *c)
{
    TRY(slack_link_end(c, strtoll(form_text(c->form, "id", "0"), NULL, 10), c->staff->id));
    return console_go(c, "/staff/account?saved=1#slack");
}
