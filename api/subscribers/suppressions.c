/* GET POST /v1/suppressions, DELETE /v1/suppressions/{id}, GET PUT /v1/bounce-rule. The list
 * contains keyed hashes: an address is looked up by its hash, and displayed only if a subscriber
 * still has it. */
#include <sodium.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/subscribers/address.h"
#include "api/call/cursor.h"
#include "api/call/list_page.h"
#include "api/subscribers/subscribers.h"
#include "api/subscribers/subscriber.h"
#include "core/json.h"

SHAPE_EXTERN(struct suppression, suppression_shape, "Suppression",
    FIELD(TEXT, id, .required = true, .doc = "Keyed hash of the address in hexadecimal."),
    FIELD(TEXT, channel, .required = true, .doc = "email, sms ..."),
    FIELD(TEXT, reason, .required = true,
        .doc = "bounce, complaint, refused, stop, manual, erased, imported ..."),
    FIELD(TEXT, detail, .doc = "Status or word that caused it."),
    FIELD(TEXT, note, .max = 2000, .doc = "Note of the person who added it."),
    FIELD(TEXT, actor, .doc = "The person who added it."),
    FIELD(TEXT, address, .doc = "Address, if a subscriber still has it."),
    FIELD(INT, subscriber, .doc = "Id of that subscriber."),
    FIELD(TIME, at, .required = true, .doc = "Since when."));

struct suppression_filter {
    struct list_page page;
    const char *channel, *address, *reason;
};
const struct shape suppression_filter_shape = SHAPE("SuppressionFilter", struct suppression_filter,
    FIELD(TEXT, address, .max = 2000, .doc = "Filter by address."),
    FIELD(TEXT, channel, .one_of = channel_name, .doc = "Channel of the address; default: email."),
    FIELD(TEXT, reason, .max = 100, .doc = "Filter by reason."), PAGE_FIELDS("100", 1000));

SHAPE_EXTERN(struct new_suppression, new_suppression_shape, "SuppressionCreate",
    FIELD(TEXT, channel, .one_of = channel_name, .def = "email", .doc = "How."),
    FIELD(TEXT, address, .required = true, .min = 1, .max = 2000, .doc = "Where."),
    FIELD(TEXT, reason, .def = "manual", .min = 1, .max = 100, .doc = "Reason, one word."),
    FIELD(TEXT, note, .max = 2000, .doc = "Note for the record."));

SHAPE_EXTERN(struct suppression_end, suppression_end_shape, "SuppressionEnd",
    FIELD(TEXT, note, .required = true, .min = 1, .max = 500, .doc = "Reason for the removal."));

#define SUPPRESSION_COLUMNS \
    "SELECT encode(p.address_hash, 'hex') AS id, p.channel::text, p.reason, p.detail, p.note," \
    "  p.actor, s.address, s.id AS subscriber, p.at FROM suppression p" \
    "  LEFT JOIN subscriber s ON s.channel = p.channel AND s.address_hash = p.address_hash "

STMT(suppression_page,
    SUPPRESSION_COLUMNS
    "WHERE ($1::bytea IS NULL OR p.address_hash = $1) AND ($2::text IS NULL OR p.reason = $2)"
    " ORDER BY p.at DESC, p.address_hash OFFSET $3 LIMIT $4",
    .row = &suppression_shape);
STMT(suppression_one, SUPPRESSION_COLUMNS "WHERE p.address_hash = decode($1, 'hex')",
    .row = &suppression_shape);
STMT(suppression_add,
    "WITH added AS (INSERT INTO suppression (address_hash, channel, reason, actor, note)"
    "   VALUES ($1, $2::channel, $3, $4, $5) ON CONFLICT DO NOTHING)"
    " UPDATE subscriber SET state = 'suppressed', state_reason = $3, paused_until = NULL,"
    "   changed_at = now() WHERE channel = $2::channel AND address_hash = $1"
    "   AND state IN ('pending', 'active', 'paused')");
/* A suppressed subscriber becomes active again; an unsubscribed or erased one does not. */
STMT(suppression_remove,
    "WITH gone AS (DELETE FROM suppression WHERE address_hash = decode($1, 'hex')"
    "     RETURNING address_hash, channel),"
    " noted AS (DELETE FROM bounce b USING gone g WHERE b.address_hash = g.address_hash)"
    " UPDATE subscriber s SET state = 'active', state_reason = NULL, changed_at = now()"
    "  FROM gone g WHERE s.channel = g.channel AND s.address_hash = g.address_hash"
    "   AND s.state = 'suppressed'");

static const char *audit_note(struct scope *s, const char *reason, const char *note)
{
    json_t *detail = json_own(s, json_object());
    json_object_set_new(detail, "reason", json_string(reason));
    if (note)
        json_object_set_new(detail, "note", json_string(note));
    return json_text(s, detail);
}

static enum rc read_one(struct scope *s, struct db *db, const char *id, struct suppression *ret)
{
    if (strlen(id) != 2 * (size_t)SIGN_HASH || strspn(id, "0123456789abcdef") != strlen(id))
        return fail(s, RC_NOT_FOUND, "no suppression \"%.70s\"", id);
    return IF_NONE(db_one(s, db, &suppression_one, PARAMS(P_TEXT(id)), ret),
        fail(s, RC_NOT_FOUND, "no suppression %s", id));
}

/* The cursor is an offset, since the list is read newest first and seldom far. */
enum rc suppression_list(struct call *c)
{
    const struct suppression_filter *filter = c->query;
    struct address address = {0};
    struct list rows;
    int64_t skip;
    if (filter->address)
        TRY(address_check(
            c->s, c->api, filter->channel ? filter->channel : "email", filter->address, &address));
    TRY(page_open(c, "suppressions", &skip));
    TRY(db_all(c->s, c->db, &suppression_page,
        PARAMS(P_BYTES(filter->address ? address.hash : NULL, SIGN_HASH), P_TEXT(filter->reason),
            P_INT(skip), P_INT(filter->page.limit)),
        &rows));
    bool more = (int64_t)rows.n == filter->page.limit;
    return reply_list(c, rows,
        more ? cursor_make(c->s, c->api->keys, "suppressions", skip + filter->page.limit) : NULL);
}

struct adding {
    const struct call *c;
    struct address address;
    const char *id;
};

static enum rc add(struct scope *s, struct db *db, void *arg)
{
    const struct adding *adding = arg;
    const struct new_suppression *in = adding->c->body;
    const char *actor = call_actor(adding->c);
    TRY(db_do(s, db, &suppression_add,
        PARAMS(P_BYTES(adding->address.hash, SIGN_HASH), P_TEXT(in->channel), P_TEXT(in->reason),
            P_TEXT(actor), P_TEXT(in->note)),
        NULL));
    return audit_add(
        s, db, actor, "suppression.add", adding->id, audit_note(s, in->reason, in->note));
}

enum rc suppression_create(struct call *c)
{
    const struct new_suppression *in = c->body;
    struct adding adding = {.c = c};
    struct suppression row;
    char hex[2 * SIGN_HASH + 1];
    TRY(address_check(c->s, c->api, in->channel, in->address, &adding.address));
    adding.id =
        scope_strdup(c->s, sodium_bin2hex(hex, sizeof(hex), adding.address.hash, SIGN_HASH));
    TRY(db_txn(c->s, c->db, add, &adding));
    TRY(read_one(c->s, c->db, adding.id, &row));
    return reply_object(c, &row);
}

static enum rc remove_one(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct suppression_end *in = c->query;
    struct suppression row;
    TRY(read_one(s, db, c->param[0], &row));
    if (!strcmp(row.reason, "erased"))
        return fail(s, RC_CONFLICT, "they requested erasure; only they can subscribe again");
    TRY(db_do(s, db, &suppression_remove, PARAMS(P_TEXT(c->param[0])), NULL));
    return audit_add(s, db, call_actor(c), "suppression.remove", c->param[0],
        audit_note(s, row.reason, in->note));
}

enum rc suppression_delete(struct call *c)
{
    TRY(db_txn(c->s, c->db, remove_one, c));
    return reply_nothing(c);
}

SHAPE_EXTERN(struct bounce_rule, bounce_rule_shape, "BounceRule",
    FIELD(INT, soft_count, .required = true, .min = 1, .max = 100,
        .doc = "Number of soft-bounced messages that suppress an address ..."),
    FIELD(INT, soft_days, .required = true, .min = 1, .max = 365,
        .doc = "... within this number of days."));

STMT(bounce_rule_read, "SELECT soft_count, soft_days FROM bounce_rule", .row = &bounce_rule_shape);
STMT(bounce_rule_write, "UPDATE bounce_rule SET soft_count = $1, soft_days = $2");

enum rc bounce_rule_get(struct call *c)
{
    struct bounce_rule rule;
    TRY(db_one(c->s, c->db, &bounce_rule_read, NO_PARAMS, &rule));
    return reply_object(c, &rule);
}

static enum rc set_rule(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct bounce_rule *rule = c->body;
    TRY(db_do(
        s, db, &bounce_rule_write, PARAMS(P_INT(rule->soft_count), P_INT(rule->soft_days)), NULL));
    return audit_add(s, db, call_actor(c), "bounce_rule.set", "bounce_rule",
        scope_printf(s, "{\"soft_count\":%lld,\"soft_days\":%lld}", (long long)rule->soft_count,
            (long long)rule->soft_days));
}

enum rc bounce_rule_put(struct call *c)
{
    TRY(db_txn(c->s, c->db, set_rule, c));
    return bounce_rule_get(c);
}
