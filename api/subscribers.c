/* GET /v1/subscribers, GET PATCH DELETE /v1/subscribers/{id}. */
#include "api/cursor.h"
#include "api/lookup.h"
#include "api/resources.h"
#include "api/subscriber.h"

const char *const verbosities[] = {"every", "milestones", "daily", NULL};
const char *const subscriber_states[] = {
    "pending", "active", "paused", "suppressed", "unsubscribed", NULL};

#define SHAPE_STRUCT struct subscriber
static const struct field subscriber_fields[] = {
    FIELD(INT, id, .required = true, .doc = "Number of the subscriber."),
    FIELD(TEXT, channel, .required = true, .doc = "How they are reached."),
    FIELD(TEXT, address, .required = true, .doc = "Where; a URL is shown without its secret path."),
    FIELD(
        TEXT, state, .required = true, .doc = "pending, active, paused, suppressed, unsubscribed."),
    FIELD(TEXT, state_reason, .doc = "Why it is not active."),
    FIELD(TEXT, locale, .required = true, .doc = "Language tag."),
    FIELD(TEXT, timezone, .required = true, .doc = "IANA name."),
    FIELD(TEXT, verbosity, .required = true, .doc = "every, milestones, daily."),
    FIELD(TEXT, account, .doc = "external_id of their account."),
    FIELD(RAW, components, .doc = "Slugs of components they chose."),
    FIELD(RAW, groups, .doc = "Slugs of groups they chose; neither: everything."),
    FIELD(TIME, created_at, .required = true, .doc = "When it was made."),
    FIELD(TIME, changed_at, .required = true, .doc = "When it last changed."),
    FIELD(TEXT, format, .doc = "Shape of a webhook's updates: amends, statuspage."),
    FIELD(TEXT, owner, .doc = "Who is told by e-mail when the endpoint ends."),
    FIELD(TEXT, team, .doc = "Workspace of a Slack bot."),
    FIELD(TEXT, secret,
        .doc = "Of a new or rotated webhook: its secret (whsec_) or public key (whpk_); told "
               "once."),
};
const struct shape subscriber_shape = SHAPE("Subscriber", subscriber_fields);
#undef SHAPE_STRUCT

struct subscriber_filter {
    const char *cursor;
    int64_t limit;
    const char *channel;
    const char *state;
};
#define SHAPE_STRUCT struct subscriber_filter
static const struct field subscriber_filter_fields[] = {
    FIELD(TEXT, cursor, .max = 256, .doc = "next_cursor of the page before."),
    FIELD(INT, limit, .min = 1, .max = 1000, .def = "100", .doc = "Size of a page."),
    FIELD(TEXT, channel, .one_of = address_channels, .doc = "Only this channel."),
    FIELD(TEXT, state, .one_of = subscriber_states, .doc = "Only this state."),
};
const struct shape subscriber_filter_shape = SHAPE("SubscriberFilter", subscriber_filter_fields);
#undef SHAPE_STRUCT

struct subscriber_change {
    const char *locale;
    const char *timezone;
    const char *verbosity;
    const char *account;
    struct texts components;
    struct texts groups;
    const char *format, *owner, *signing, *token, *team;
};
#define SHAPE_STRUCT struct subscriber_change
static const struct field subscriber_change_fields[] = {
    FIELD(TEXT, locale, .min = 2, .max = 35, .doc = "Language tag."),
    FIELD(TEXT, timezone, .min = 1, .max = 60, .doc = "IANA name."),
    FIELD(TEXT, verbosity, .one_of = verbosities, .doc = "How much they want."),
    FIELD(TEXT, account, .min = 1, .max = 200, .doc = "external_id of their account."),
    FIELD(TEXTS, components, .doc = "Replaces the chosen components."),
    FIELD(TEXTS, groups, .doc = "Replaces the chosen groups; both empty: everything."),
    FIELD(TEXT, format, .one_of = subscriber_formats, .doc = "Shape of a webhook's updates."),
    FIELD(TEXT, owner, .min = -1, .max = 320,
        .doc = "E-mail address of whoever is told when this endpoint ends; empty: nobody."),
    FIELD(TEXT, signing, .one_of = subscriber_signings,
        .doc = "Of a webhook. Another one than now makes a new secret, told in the answer; the "
               "old one signs too for 24 hours."),
    FIELD(TEXT, token, .max = 400, .doc = "Of a Slack bot (xoxb-...): replaces it."),
    FIELD(TEXT, team, .max = 30, .doc = "Of a Slack bot: its workspace (T...)."),
};
const struct shape subscriber_change_shape = SHAPE("SubscriberChange", subscriber_change_fields);
#undef SHAPE_STRUCT

#define SUBSCRIBER_SELECT \
    "SELECT s.id, s.channel::text, s.address, s.state::text, s.state_reason, s.locale," \
    "  s.timezone, s.verbosity::text, a.external_id AS account, s.created_at, s.changed_at," \
    "  CASE WHEN s.channel = 'webhook' THEN s.format END AS format, s.owner," \
    "  s.slack_team AS team," \
    "  (SELECT coalesce(json_agg(c.slug ORDER BY c.slug), '[]') FROM subscription t" \
    "     JOIN component c ON c.id = t.target_id" \
    "    WHERE t.subscriber_id = s.id AND t.kind = 'component') AS components," \
    "  (SELECT coalesce(json_agg(g.slug ORDER BY g.slug), '[]') FROM subscription t" \
    "     JOIN component_group g ON g.id = t.target_id" \
    "    WHERE t.subscriber_id = s.id AND t.kind = 'group') AS groups" \
    "  FROM subscriber s LEFT JOIN account a ON a.id = s.account_id "

STMT(subscriber_one, SUBSCRIBER_SELECT "WHERE s.id = $1", .row = &subscriber_shape);
STMT(subscriber_some,
    SUBSCRIBER_SELECT "WHERE s.id > $1 AND ($3::text IS NULL OR s.channel::text = $3)"
                      "   AND ($4::text IS NULL OR s.state::text = $4) ORDER BY s.id LIMIT $2",
    .row = &subscriber_shape);
STMT(subscriber_alter,
    "UPDATE subscriber SET locale = coalesce($2, locale), timezone = coalesce($3, timezone),"
    "   verbosity = coalesce($4::verbosity, verbosity),"
    "   account_id = coalesce((SELECT id FROM account WHERE external_id = $5::text), account_id),"
    "   changed_at = now() WHERE id = $1 AND ($5::text IS NULL OR EXISTS"
    "   (SELECT FROM account WHERE external_id = $5::text)) RETURNING id",
    .row = &row_id_shape);
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
    enum rc rc = db_one(s, db, &subscriber_one, PARAMS(P_INT(id)), ret);
    return rc == RC_NOT_FOUND ? fail(s, rc, "no subscriber %lld", (long long)id) : rc;
}

enum rc subscriber_page(struct scope *s, struct db *db, int64_t after, int64_t limit,
    const char *channel, const char *state, struct list *ret)
{
    return db_all(s, db, &subscriber_some,
        PARAMS(P_INT(after), P_INT(limit), P_TEXT(channel), P_TEXT(state)), ret);
}

enum rc subscriber_list(struct call *c)
{
    const struct subscriber_filter *filter = c->query;
    int64_t after;
    TRY(cursor_open(c->s, c->api->keys, "subscribers", filter->cursor, &after));
    struct list rows;
    TRY(subscriber_page(c->s, c->db, after, filter->limit, filter->channel, filter->state, &rows));
    const struct subscriber *last = rows.n ? (const struct subscriber *)rows.at + rows.n - 1 : NULL;
    bool more = last && (int64_t)rows.n == filter->limit;
    return reply_list(
        c, rows, more ? cursor_make(c->s, c->api->keys, "subscribers", last->id) : NULL);
}

enum rc subscriber_get(struct call *c)
{
    int64_t id;
    struct subscriber row;
    TRY(call_id(c, 0, &id));
    TRY(subscriber_read(c->s, c->db, id, &row));
    return reply_object(c, &row);
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

struct change {
    const struct call *c;
    int64_t id;
    char *told; /* a new secret */
};

static enum rc alter(struct scope *s, struct db *db, void *arg)
{
    struct change *change = arg;
    const struct subscriber_change *in = change->c->body;
    struct subscriber row;
    TRY(subscriber_read(s, db, change->id, &row));
    struct row_id changed;
    enum rc rc = db_one(s, db, &subscriber_alter,
        PARAMS(P_INT(change->id), P_TEXT(in->locale), P_TEXT(in->timezone), P_TEXT(in->verbosity),
            P_TEXT(in->account)),
        &changed);
    if (rc == RC_NOT_FOUND)
        return fail_field(s, RC_INVALID, "account", "no account \"%.100s\"", in->account);
    TRY(rc);
    const struct endpoint_change endpoint = {.format = in->format,
        .owner = in->owner,
        .signing = in->signing,
        .token = in->token,
        .team = in->team};
    TRY(subscriber_alter_endpoint(s, db, change->c, &row, &endpoint, &change->told));
    return subscriber_subscribe(s, db, change->id, &in->components, &in->groups, false);
}

enum rc subscriber_change(struct call *c)
{
    const struct subscriber_change *in = c->body;
    struct change change = {.c = c};
    TRY(call_id(c, 0, &change.id));
    TRY(address_check_reader(c->s, in->locale, in->timezone));
    TRY(db_txn(c->s, c->db, alter, &change));
    struct subscriber row;
    TRY(subscriber_read(c->s, c->db, change.id, &row));
    row.secret = change.told;
    return reply_object(c, &row);
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

enum rc subscriber_delete(struct call *c)
{
    int64_t id;
    bool ended;
    struct subscriber row;
    TRY(call_id(c, 0, &id));
    TRY(subscriber_read(c->s, c->db, id, &row));
    TRY(subscriber_end(c->s, c->db, id, "api", call_actor(c), &ended));
    return reply_nothing(c);
}
