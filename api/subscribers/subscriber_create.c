/* POST /v1/subscribers. */
#include <string.h>

#include "api/call/locale.h"
#include "api/subscribers/subscribers.h"
#include "api/subscribers/subscriber.h"

SHAPE_EXTERN(struct new_subscriber, new_subscriber_shape, "SubscriberCreate",
    FIELD(TEXT, channel, .required = true, .one_of = channel_name, .doc = "Channel."),
    FIELD(TEXT, address, .required = true, .min = 1, .max = 2000,
        .doc = "E-mail address, E.164 number, https URL (of the form that the channel's document "
               "has), slack://CHANNEL with a token, or the endpoint of a browser's push "
               "subscription with its keys."),
    FIELD(TEXT, locale, .min = 2, .max = 35, .doc = "Language tag; default: en."),
    FIELD(TEXT, timezone, .min = 1, .max = 60, .doc = "IANA time zone; default: UTC."),
    FIELD(TEXT, verbosity, .one_of = verbosities, .doc = "Verbosity; default: every."),
    FIELD(TEXT, account, .min = 1, .max = 200,
        .doc = "external_id of their account, whose claims their mails link to. Requires "
               "subscribers:write."),
    FIELD(TEXTS, components,
        .doc = "Slugs of components; without components and groups: everything."),
    FIELD(TEXTS, groups, .doc = "Slugs of groups, including future members."),
    FIELD(BOOL, credits,
        .doc = "For a billing system's webhook: sends only credit.issued and credit.reversed. "
               "Requires credits:read."),
    FIELD(BOOL, confirmed,
        .doc = "Already consented elsewhere: skip double opt-in. Requires subscribers:write."),
    FIELD(TEXT, p256dh, .max = 200,
        .doc = "Public key of a browser's push subscription (RFC 8291), as base64url; push only."),
    FIELD(TEXT, auth, .max = 100,
        .doc = "Authentication secret of that subscription, as base64url; push only."),
    FIELD(TEXT, token, .max = 400,
        .doc = "Token of a Slack bot (xoxb-...), for an address slack://CHANNEL. Stored sealed."),
    FIELD(TEXT, team, .max = 30,
        .doc = "Workspace of a Slack bot (T...), so that an app_uninstalled of another one does "
               "not end it."),
    FIELD(TEXT, signing, .one_of = subscriber_signings,
        .doc = "Signature of a new webhook: v1 (HMAC, default) or v1a (Ed25519)."),
    FIELD(TEXT, format, .one_of = subscriber_formats,
        .doc = "Format of a webhook's updates: amends (default) or statuspage."),
    FIELD(
        TEXT, owner, .max = 320, .doc = "E-mail address notified when this endpoint is removed."));

SHAPE_STATIC(struct upserted, upserted_shape, "Upserted", FIELD(INT, id), FIELD(BOOL, created),
    FIELD(TEXT, state));

/* Opt-outs and suppressions take precedence and are kept. An endpoint that ended because it was
 * gone or failing is subscribed again, since its owner reports that it works. */
STMT(subscriber_upsert,
    "WITH works AS (DELETE FROM endpoint_failure f USING subscriber s"
    "   WHERE s.channel = $1::channel AND s.address_hash = $3::bytea AND s.state = 'suppressed'"
    "   AND f.subscriber_id = s.id)"
    " INSERT INTO subscriber AS s (channel, address, address_hash, state, state_reason, locale,"
    "   timezone, verbosity, account_id, format, owner, slack_team)"
    " SELECT $1::channel, $2, $3::bytea,"
    "   CASE WHEN p.reason IS NOT NULL THEN 'suppressed' WHEN $4::boolean THEN 'active'"
    "        ELSE 'pending' END::subscriber_state, p.reason,"
    "   coalesce($5, 'en'), coalesce($6, 'UTC'), coalesce($7::verbosity, 'every'),"
    "   (SELECT id FROM account WHERE external_id = $8), coalesce($9, 'amends'), $10, $11"
    "  FROM (SELECT (SELECT reason FROM suppression WHERE address_hash = $3::bytea) AS reason) p"
    " ON CONFLICT (channel, address_hash) DO UPDATE SET"
    "   locale = coalesce($5, s.locale), timezone = coalesce($6, s.timezone),"
    "   verbosity = coalesce($7::verbosity, s.verbosity),"
    "   account_id = coalesce(excluded.account_id, s.account_id), changed_at = now(),"
    "   format = coalesce($9, s.format), slack_team = coalesce($11, s.slack_team),"
    "   owner = CASE WHEN $4::boolean THEN coalesce($10, s.owner) ELSE s.owner END,"
    "   state = CASE WHEN s.state = 'pending' OR (s.state = 'suppressed'"
    "       AND s.channel NOT IN ('email', 'sms'))"
    "     THEN excluded.state ELSE s.state END,"
    "   state_reason = CASE WHEN s.state = 'suppressed' AND excluded.state <> 'suppressed'"
    "       AND s.channel NOT IN ('email', 'sms')"
    "     THEN NULL ELSE s.state_reason END"
    " RETURNING s.id, s.xmax = 0 AS created, s.state::text",
    .row = &upserted_shape);
STMT(subscription_credits,
    "WITH gone AS (DELETE FROM subscription WHERE subscriber_id = $1 AND kind <> 'credits')"
    " INSERT INTO subscription (subscriber_id, kind) VALUES ($1, 'credits') ON CONFLICT DO "
    "NOTHING");
STMT(account_known, "SELECT id FROM account WHERE external_id = $1", .row = &row_int);
STMT(subscriber_set_sealed,
    "UPDATE subscriber SET sealed = decode($2, 'hex'),"
    "       secret_sealed = coalesce(decode($3, 'hex'), secret_sealed) WHERE id = $1");
STMT(consent_insert,
    "INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " VALUES ($1, $2, $3, '" CONSENT_WORDING "', 'api', $4)");
/* At most three per day and address, so that a stranger's mailbox cannot be flooded. */
STMT(confirmation_send,
    "SELECT id FROM amends.letter_send('confirmation', $1, $2) AS id WHERE id IS NOT NULL",
    .row = &row_int);

struct creation {
    const struct call *c;
    struct address address;
    struct upserted row;
    const char *owner;
    char *secret;
};

static enum rc seal(struct scope *s, struct db *db, struct creation *creation)
{
    const struct address *address = &creation->address;
    const struct new_subscriber *in = creation->c->body;
    if (!address->secret && !in->token)
        return RC_OK;
    const struct api *api = creation->c->api;
    int64_t id = creation->row.id;
    const char *secret = address->keys ? address->keys : in->token;
    bool asymmetric = in->signing && !strcmp(in->signing, "v1a");
    if (creation->row.created && !strcmp(address->channel, "webhook"))
        secret = asymmetric ? subscriber_keypair(creation->c->s, &creation->secret)
                            : (creation->secret = subscriber_secret(creation->c->s));
    return db_do(s, db, &subscriber_set_sealed,
        PARAMS(P_INT(id),
            P_TEXT(address->secret ? address_seal(s, api, "address", id, address->normal) : NULL),
            P_TEXT(secret ? address_seal(s, api, "secret", id, secret) : NULL)),
        NULL);
}

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    struct creation *creation = arg;
    const struct call *c = creation->c;
    const struct new_subscriber *in = c->body;
    const struct address *address = &creation->address;
    int64_t ignored;
    if (in->account && db_one(s, db, &account_known, PARAMS(P_TEXT(in->account)), &ignored))
        return fail_field(s, RC_INVALID, "account", "no account \"%.100s\"", in->account);
    TRY(db_one(s, db, &subscriber_upsert,
        PARAMS(P_TEXT(in->channel), P_TEXT(address->shown), P_BYTES(address->hash, SIGN_HASH),
            P_BOOL(in->confirmed), P_TEXT(in->locale), P_TEXT(in->timezone), P_TEXT(in->verbosity),
            P_TEXT(in->account), P_TEXT(in->format), P_TEXT(creation->owner), P_TEXT(in->team)),
        &creation->row));
    int64_t id = creation->row.id;
    TRY(seal(s, db, creation));
    if (in->credits)
        TRY(db_do(s, db, &subscription_credits, PARAMS(P_INT(id)), NULL));
    else
        TRY(subscriber_subscribe(s, db, id, &in->components, &in->groups, creation->row.created));
    TRY(db_do(s, db, &consent_insert,
        PARAMS(P_INT(id), P_BYTES(address->hash, SIGN_HASH),
            P_TEXT(in->confirmed ? "confirmed" : "subscribed"), P_TEXT(call_actor(c))),
        NULL));
    if (strcmp(creation->row.state, "pending") != 0)
        return RC_OK;
    return db_do(s, db, &confirmation_send, PARAMS(P_INT(id), P_INT(c->key->id)), NULL);
}

static enum rc check(struct call *c, const struct new_subscriber *in, struct address *ret)
{
    TRY(locale_check(c->s, in->locale, in->timezone));
    if (in->confirmed && !auth_may(c->key, "subscribers:write"))
        return fail_field(c->s, RC_DENIED, "confirmed", "requires the scope subscribers:write");
    if (in->account && !auth_may(c->key, "subscribers:write"))
        return fail_field(c->s, RC_DENIED, "account", "requires the scope subscribers:write");
    TRY(address_check(c->s, c->api, in->channel, in->address, ret));
    TRY(address_keys(c->s, in->p256dh, in->auth, ret));
    if (ret->bot && !in->token)
        return fail_field(c->s, RC_INVALID, "token", "is missing");
    TRY(subscriber_check_bot(c->s, ret->bot, in->token, in->team));
    bool webhook = !strcmp(in->channel, "webhook");
    if (in->credits && !webhook)
        return fail_field(c->s, RC_INVALID, "credits", "is only for webhooks");
    if (in->credits && (in->components.at || in->groups.at))
        return fail_field(c->s, RC_INVALID, "credits", "excludes components and groups");
    if (in->credits && !auth_may(c->key, "credits:read"))
        return fail_field(c->s, RC_DENIED, "credits", "requires the scope credits:read");
    if (in->owner && !ret->secret && !ret->bot)
        return fail_field(c->s, RC_INVALID, "owner", "does not apply to %s", in->channel);
    if ((in->format || in->signing) && !webhook)
        return fail_field(
            c->s, RC_INVALID, in->format ? "format" : "signing", "is only for webhooks");
    if ((ret->secret || ret->bot) && !webhook && !in->confirmed)
        return fail_field(
            c->s, RC_INVALID, "confirmed", "a %s endpoint cannot confirm: send true", in->channel);
    return RC_OK;
}

enum rc subscriber_create(struct call *c)
{
    struct creation creation = {.c = c};
    const struct new_subscriber *in = c->body;
    TRY(check(c, in, &creation.address));
    if (in->owner)
        TRY(subscriber_check_owner(c->s, in->owner, &creation.owner));
    TRY(db_txn(c->s, c->db, create, &creation));
    struct subscriber row;
    TRY(subscriber_read(c->s, c->db, creation.row.id, &row));
    row.secret = creation.secret;
    c->reply.status = creation.row.created ? 201 : 200;
    return reply_object(c, &row);
}
