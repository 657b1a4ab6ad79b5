/* POST /hooks/slack: the Event Subscriptions of a Slack app. When a workspace removes the app or
 * revokes its token, its endpoints end at once instead of at their next message. Slack, "Verifying
 * requests from Slack" and the events app_uninstalled and tokens_revoked. */
#include <string.h>

#include "api/slack/caller.h"
#include "api/slack/slack.h"
#include "core/json.h"
#include "core/log.h"

/* An endpoint without a workspace may belong to any. */
STMT(slack_team_gone,
    "UPDATE subscriber SET state = 'suppressed', state_reason = $2, changed_at = now()"
    " WHERE channel = 'slack' AND address LIKE 'slack://%' AND state IN ('pending', 'active')"
    " AND (slack_team IS NULL OR slack_team = $1)");

static enum rc end_team(struct call *c, const char *team, const char *reason)
{
    int64_t n;
    TRY(db_do(c->s, c->db, &slack_team_gone, PARAMS(P_TEXT(team), P_TEXT(reason)), &n));
    log_event(LOG_WARN, "a Slack workspace removed the app", LOG_TEXT("team", team),
        LOG_TEXT("reason", reason), LOG_INT("endpoints", n));
    return RC_OK;
}

static enum rc obey(struct call *c, const json_t *json)
{
    const char *type = json_get_word(json_object_get(json, "event"), "type");
    if (!strcmp(type, "app_uninstalled"))
        return end_team(c, json_get_word(json, "team_id"), type);
    const json_t *tokens = json_object_get(json_object_get(json, "event"), "tokens");
    bool bots = json_array_size(json_object_get(tokens, "bot"));
    if (!strcmp(type, "tokens_revoked") && bots)
        return end_team(c, json_get_word(json, "team_id"), "token_revoked");
    return RC_OK;
}

enum rc hook_slack(struct call *c)
{
    json_t *json = NULL;
    TRY(slack_check(c));
    TRY(json_parse(c->s, c->request->body, c->request->len, &json));
    c->reply.status = 200;
    c->reply.type = "text/plain";
    if (!strcmp(json_get_word(json, "type"), "url_verification")) {
        strbuf_addstr(&c->reply.body, json_get_word(json, "challenge"));
        return RC_OK;
    }
    if (!strcmp(json_get_word(json, "type"), "event_callback"))
        TRY(obey(c, json));
    strbuf_addstr(&c->reply.body, "ok\n");
    return RC_OK;
}
