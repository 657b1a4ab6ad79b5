/* GET PATCH DELETE /v1/subscribers/{id}. */
#include "api/call/locale.h"
#include "api/call/audit_log.h"
#include "api/subscribers/subscribers.h"
#include "api/subscribers/subscriber.h"
#include "core/clock.h"
#include "core/json.h"

enum { PAUSE_SECONDS = 5 * 365 * 86400 };

SHAPE_EXTERN(struct subscriber_change, subscriber_change_shape, "SubscriberChange",
    FIELD(TEXT, locale, .min = 2, .max = 35, .doc = "Language tag."),
    FIELD(TEXT, timezone, .min = 1, .max = 60, .doc = "IANA name."),
    FIELD(TEXT, verbosity, .one_of = verbosities, .doc = "Verbosity."),
    FIELD(TEXT, account, .min = 1, .max = 200, .doc = "external_id of their account."),
    FIELD(TEXTS, components, .doc = "Replaces the selected components."),
    FIELD(TEXTS, groups, .doc = "Replaces the selected groups; both empty: everything."),
    FIELD(TEXT, format, .one_of = subscriber_formats, .doc = "Format of a webhook's updates."),
    FIELD(TEXT, owner, .min = -1, .max = 320,
        .doc = "E-mail address notified when this endpoint is removed; empty: none."),
    FIELD(TEXT, signing, .one_of = subscriber_signings,
        .doc = "Signature of a webhook. A different one creates a new secret, returned in the "
               "response; the previous one also signs for 24 hours."),
    FIELD(TEXT, token, .max = 400, .doc = "New token of a Slack bot (xoxb-...)."),
    FIELD(TEXT, team, .max = 30, .doc = "Workspace of a Slack bot (T...)."),
    FIELD(TIME, paused_until, .doc = "Pause until this time, within five years."),
    FIELD(BOOL, resume, .doc = "true: end the pause."),
    FIELD(TEXT, note, .max = 2000, .doc = "Reason, for the audit log."));

SHAPE_EXTERN(struct subscriber_end_options, subscriber_end_shape, "SubscriberEnd",
    FIELD(TEXT, note, .max = 500, .doc = "Reason, for the audit log."),
    FIELD(BOOL, erase, .def = "false",
        .doc = "Erase their data: only a keyed hash of the address remains, which receives no "
               "messages unless the person subscribes again."));

STMT(subscriber_alter,
    "UPDATE subscriber SET locale = coalesce($2, locale), timezone = coalesce($3, timezone),"
    "   verbosity = coalesce($4::verbosity, verbosity),"
    "   account_id = coalesce((SELECT id FROM account WHERE external_id = $5::text), account_id),"
    "   changed_at = now() WHERE id = $1 AND ($5::text IS NULL OR EXISTS"
    "   (SELECT FROM account WHERE external_id = $5::text)) RETURNING id",
    .row = &row_int);
STMT(subscriber_pause_until, "SELECT amends.subscriber_pause($1, $2) AS done", .row = &row_bool);
STMT(subscriber_resume, "UPDATE subscriber SET state = 'active', paused_until = NULL,"
                        " changed_at = now() WHERE id = $1 AND state = 'paused'");
STMT(subscriber_consent,
    "INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " SELECT id, address_hash, $2, '" CONSENT_WORDING "', 'api', $3 FROM subscriber WHERE id = $1");
STMT(subscriber_erase_one,
    "SELECT amends.reader_erase($1, '" CONSENT_WORDING "', 'api', $2) AS done", .row = &row_bool);

enum rc subscriber_get(struct call *c)
{
    int64_t id;
    struct subscriber row;
    TRY(call_id(c, 0, &id));
    TRY(subscriber_read(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

/* The audit entry, without the address, which may be erased later. */
static enum rc record(struct scope *s, struct db *db, const struct call *c, const char *action,
    int64_t id, const char *note)
{
    json_t *detail = note ? json_own(s, json_pack("{s:s}", "note", note)) : NULL;
    return audit_add(s, db, call_actor(c), action,
        scope_printf(s, "subscriber:%lld", (long long)id), detail ? json_text(s, detail) : NULL);
}

static enum rc pause_or_resume(struct scope *s, struct db *db, const struct call *c, int64_t id)
{
    const struct subscriber_change *in = c->body;
    bool did = false;
    if (in->resume) {
        int64_t n;
        TRY(db_do(s, db, &subscriber_resume, PARAMS(P_INT(id)), &n));
        did = n;
    } else if (in->paused_until != SHAPE_NONE) {
        TRY(db_one(
            s, db, &subscriber_pause_until, PARAMS(P_INT(id), P_TIME(in->paused_until)), &did));
        if (!did)
            return fail_field(
                s, RC_CONFLICT, "paused_until", "only an active subscriber can pause");
    }
    if (!did)
        return RC_OK;
    return db_do(s, db, &subscriber_consent,
        PARAMS(P_INT(id), P_TEXT(in->resume ? "resumed" : "paused"), P_TEXT(call_actor(c))), NULL);
}

struct change {
    const struct call *c;
    int64_t id;
    char *shown; /* a new secret */
};

static enum rc alter(struct scope *s, struct db *db, void *arg)
{
    struct change *change = arg;
    const struct subscriber_change *in = change->c->body;
    struct subscriber row;
    TRY(subscriber_read(s, db, change->id, &row));
    int64_t changed;
    TRY(IF_NONE(db_one(s, db, &subscriber_alter,
                    PARAMS(P_INT(change->id), P_TEXT(in->locale), P_TEXT(in->timezone),
                        P_TEXT(in->verbosity), P_TEXT(in->account)),
                    &changed),
        fail_field(s, RC_INVALID, "account", "no account \"%.100s\"", in->account)));
    const struct endpoint_change endpoint = {.format = in->format,
        .owner = in->owner,
        .signing = in->signing,
        .token = in->token,
        .team = in->team};
    TRY(subscriber_alter_endpoint(s, db, change->c, &row, &endpoint, &change->shown));
    TRY(subscriber_subscribe(s, db, change->id, &in->components, &in->groups, false));
    TRY(pause_or_resume(s, db, change->c, change->id));
    return record(s, db, change->c, "subscriber.change", change->id, in->note);
}

static enum rc check_pause(struct scope *s, const struct subscriber_change *in)
{
    int64_t ahead = in->paused_until - clock_now();
    if (in->paused_until == SHAPE_NONE)
        return RC_OK;
    if (in->resume)
        return fail_field(s, RC_INVALID, "resume", "conflicts with paused_until");
    if (ahead <= 0 || ahead > PAUSE_SECONDS * CLOCK_SECOND)
        return fail_field(
            s, RC_INVALID, "paused_until", "must be in the future, within five years");
    return RC_OK;
}

enum rc subscriber_change(struct call *c)
{
    const struct subscriber_change *in = c->body;
    struct change change = {.c = c};
    TRY(call_id(c, 0, &change.id));
    TRY(locale_check(c->s, in->locale, in->timezone));
    TRY(check_pause(c->s, in));
    TRY(db_txn(c->s, c->db, alter, &change));
    struct subscriber row;
    TRY(subscriber_read(c->s, c->db, change.id, &row));
    row.secret = change.shown;
    return reply_object(c, &row);
}

static enum rc end_one(struct scope *s, struct db *db, void *arg)
{
    const struct change *change = arg;
    const struct subscriber_end_options *in = change->c->query;
    const char *actor = call_actor(change->c);
    struct subscriber row;
    TRY(subscriber_read(s, db, change->id, &row));
    bool ended;
    bool did;
    if (in->erase)
        TRY(db_one(s, db, &subscriber_erase_one, PARAMS(P_INT(change->id), P_TEXT(actor)), &did));
    else
        TRY(subscriber_end(s, db, change->id, "api", actor, &ended));
    return record(s, db, change->c, in->erase ? "subscriber.erase" : "subscriber.unsubscribe",
        change->id, in->note);
}

enum rc subscriber_delete(struct call *c)
{
    struct change change = {.c = c};
    TRY(call_id(c, 0, &change.id));
    TRY(db_txn(c->s, c->db, end_one, &change));
    return reply_nothing(c);
}
