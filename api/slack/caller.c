#include "api/slack/caller.h"

#include "api/access/staff.h"
#include "api/signatures/hook_sign.h"
#include "core/clock.h"

STMT(slack_linked_at,
    "SELECT (extract(epoch FROM linked_at) * 1000000)::bigint FROM slack_link"
    " WHERE team = $1 AND user_id = $2 AND ended_at IS NULL",
    .row = &row_int);
STMT(slack_person,
    "SELECT " STAFF_COLUMNS " FROM slack_link l JOIN staff p ON p.id = l.staff_id"
    " WHERE l.team = $1 AND l.user_id = $2 AND l.ended_at IS NULL AND p.disabled_at IS NULL",
    .row = &staff_row_shape);

enum rc slack_check(struct call *c)
{
    const struct request *r = c->request;
    const struct hook_slack want = {.secret = c->api->config->slack_signing_secret,
        .timestamp = request_signature(r, "X-Slack-Request-Timestamp"),
        .body = r->body,
        .len = r->len};
    const char *given = request_signature(r, "X-Slack-Signature");
    if (!*want.secret)
        return refuse(c, 404, "slack_signing_secret is not set");
    if (!hook_slack_verifies(&want, given, clock_now() / CLOCK_SECOND))
        return fail(c->s, RC_DENIED, "invalid signature");
    return RC_OK;
}

enum rc slack_recognise(struct call *c, struct slack_caller *caller, bool *ret)
{
    struct staff *staff = SCOPE_NEW(c->s, struct staff);
    struct param team = P_TEXT(caller->team), user = P_TEXT(caller->user);
    *ret = false;
    enum rc rc = db_one(c->s, c->db, &slack_person, PARAMS(team, user), staff);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    TRY(rc);
    TRY(db_one(c->s, c->db, &slack_linked_at, PARAMS(team, user), &caller->linked_at));
    staff_act_as(c, staff);
    *ret = true;
    return RC_OK;
}
