/* Reads subscribers and replies with them; changes their subscriptions. */
#include "api/subscribers/subscriber.h"

#include "api/call/lookup.h"

const char *const verbosities[] = {"every", "milestones", "daily", NULL};
const char *const subscriber_states[] = {
    "pending", "active", "paused", "suppressed", "unsubscribed", NULL};

const struct shape subscriber_shape = SHAPE("Subscriber", struct subscriber,
    FIELD(INT, id, .required = true, .doc = "Id of the subscriber."),
    FIELD(TEXT, channel, .required = true, .doc = "Channel."),
    FIELD(TEXT, address, .required = true, .doc = "Address; a URL without its secret path."),
    FIELD(
        TEXT, state, .required = true, .doc = "pending, active, paused, suppressed, unsubscribed."),
    FIELD(TEXT, state_reason, .doc = "Reason if not active."),
    FIELD(TIME, paused_until, .doc = "End of a pause."),
    FIELD(TEXT, locale, .required = true, .doc = "Language tag."),
    FIELD(TEXT, timezone, .required = true, .doc = "IANA name."),
    FIELD(TEXT, verbosity, .required = true, .doc = "every, milestones, daily."),
    FIELD(TEXT, account, .doc = "external_id of their account."),
    FIELD(RAW, components, .form = FORM_TEXTS, .doc = "Slugs of selected components."),
    FIELD(RAW, groups, .form = FORM_TEXTS,
        .doc = "Slugs of selected groups; without components and groups: everything."),
    FIELD(TIME, created_at, .required = true, .doc = "Creation time."),
    FIELD(TIME, changed_at, .required = true, .doc = "Time of the last change."),
    FIELD(TEXT, format, .doc = "Format of a webhook's updates: amends, statuspage."),
    FIELD(TEXT, owner, .doc = "E-mail address notified when the endpoint is removed."),
    FIELD(TEXT, team, .doc = "Workspace of a Slack bot."),
    FIELD(TEXT, secret,
        .doc = "For a new or rotated webhook: its secret (whsec_) or public key (whpk_), shown "
               "only once."));

STMT(subscriber_one, SUBSCRIBER_SELECT "WHERE s.id = $1", .row = &subscriber_shape);
STMT(subscription_clear, "DELETE FROM subscription WHERE subscriber_id = $1");
STMT(subscription_add, "INSERT INTO subscription (subscriber_id, kind, target_id)"
                       " SELECT $1, $2, t FROM unnest($3::bigint[]) t");
STMT(subscriber_unsubscribe,
    "WITH ended AS (UPDATE subscriber SET state = 'unsubscribed', state_reason = $2,"
    "     changed_at = now() WHERE id = $1 AND state <> 'unsubscribed' RETURNING id, address_hash)"
    " INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " SELECT id, address_hash, 'unsubscribed', '" CONSENT_WORDING "', $2, $3 FROM ended");

enum rc subscriber_read(struct scope *s, struct db *db, int64_t id, struct subscriber *ret)
{
    return IF_NONE(db_one(s, db, &subscriber_one, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no subscriber %lld", (long long)id));
}

enum rc subscriber_subscribe(struct scope *s, struct db *db, int64_t id,
    const struct texts *components, const struct texts *groups, bool fresh)
{
    if (!components->at && !groups->at && !fresh)
        return RC_OK;
    int64_t *component_ids, *group_ids, all = 0;
    TRY(lookup_components(s, db, components, "components[%zu]", &component_ids));
    TRY(lookup_groups(s, db, groups, &group_ids));
    struct param subscriber = P_INT(id);
    TRY(db_do(s, db, &subscription_clear, PARAMS(subscriber), NULL));
    if (!components->n && !groups->n)
        return db_do(
            s, db, &subscription_add, PARAMS(subscriber, P_TEXT("all"), P_INTS(s, &all, 1)), NULL);
    TRY(db_do(s, db, &subscription_add,
        PARAMS(subscriber, P_TEXT("component"), P_INTS(s, component_ids, components->n)), NULL));
    return db_do(s, db, &subscription_add,
        PARAMS(subscriber, P_TEXT("group"), P_INTS(s, group_ids, groups->n)), NULL);
}

enum rc subscriber_end(struct scope *s, struct db *db, int64_t id, const char *source,
    const char *actor, bool *ret_ended)
{
    int64_t n;
    TRY(db_do(
        s, db, &subscriber_unsubscribe, PARAMS(P_INT(id), P_TEXT(source), P_TEXT(actor)), &n));
    *ret_ended = n;
    return RC_OK;
}
