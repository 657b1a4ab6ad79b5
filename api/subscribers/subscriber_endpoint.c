/* Properties of endpoints (webhooks, chats): the owner to notify when one is removed, the format
 * and signature of a webhook's messages, the token of a Slack bot. */
#include <string.h>

#include "api/subscribers/subscriber.h"
#include "core/mail/mailaddr.h"

const char *const subscriber_signings[] = {"v1", "v1a", NULL};
const char *const subscriber_formats[] = {"amends", "statuspage", NULL};

/* owner "": no more notifications. */
STMT(endpoint_alter, "UPDATE subscriber SET format = coalesce($2, format),"
                     "   owner = CASE WHEN $3::text = '' THEN NULL ELSE coalesce($3, owner) END,"
                     "   slack_team = coalesce($4, slack_team), changed_at = now()"
                     " WHERE id = $1");
STMT(endpoint_token,
    "UPDATE subscriber SET secret_sealed = decode($2, 'hex'), changed_at = now() WHERE id = $1");

enum rc subscriber_check_owner(struct scope *s, const char *owner, const char **ret)
{
    SCOPE(inner);
    char *normal;
    if (mailaddr_normalise(inner, owner, &normal) != RC_OK)
        return fail_field(s, RC_INVALID, "owner", "%s", inner->fault.message);
    *ret = scope_strdup(s, normal);
    return RC_OK;
}

enum rc subscriber_check_bot(struct scope *s, bool bot, const char *token, const char *team)
{
    if ((token || team) && !bot)
        return fail_field(s, RC_INVALID, token ? "token" : "team", "has no use");
    if (token && strncmp(token, "xoxb-", 5) != 0)
        return fail_field(s, RC_INVALID, "token", "must begin with xoxb-");
    return RC_OK;
}

static enum rc check(
    struct scope *s, const struct subscriber *row, const struct endpoint_change *in)
{
    bool webhook = !strcmp(row->channel, "webhook");
    bool endpoint = strcmp(row->channel, "email") != 0 && strcmp(row->channel, "sms") != 0;
    if ((in->format || in->signing) && !webhook)
        return fail_field(s, RC_INVALID, in->format ? "format" : "signing", "is only for webhooks");
    if (in->owner && !endpoint)
        return fail_field(s, RC_INVALID, "owner", "does not apply to %s", row->channel);
    return subscriber_check_bot(s, !strncmp(row->address, "slack://", 8), in->token, in->team);
}

enum rc subscriber_alter_endpoint(struct scope *s, struct db *db, const struct call *c,
    const struct subscriber *row, const struct endpoint_change *in, char **ret_secret)
{
    const char *owner = in->owner;
    TRY(check(s, row, in));
    if (owner && *owner)
        TRY(subscriber_check_owner(s, owner, &owner));
    if (in->format || owner || in->team)
        TRY(db_do(s, db, &endpoint_alter,
            PARAMS(P_INT(row->id), P_TEXT(in->format), P_TEXT(owner), P_TEXT(in->team)), NULL));
    if (in->token)
        TRY(db_do(s, db, &endpoint_token,
            PARAMS(P_INT(row->id), P_TEXT(address_seal(s, c->api, "secret", row->id, in->token))),
            NULL));
    return in->signing ? subscriber_sign_by(s, db, c, row->id, in->signing, ret_secret) : RC_OK;
}
