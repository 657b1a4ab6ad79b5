/* POST /v1/incidents/{ref}/retract: remove an incident that was posted by mistake. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/incidents/incident.h"
#include "api/incidents/incidents.h"
#include "core/json.h"
#include "core/ledger/chain.h"

static const char mistaken[] =
    "This incident was posted by mistake and has been removed from our status page.";

struct retract {
    bool notify, dry_run;
    const char *body, *reason;
    const json_t *translations;
};
const struct shape retract_shape = SHAPE("Retract", struct retract,
    FIELD(BOOL, notify, .def = "false",
        .doc = "Send the correction to subscribers who were sent a message about the incident. "
               "Webhooks get an event in any case."),
    FIELD(TEXT, body, .multiline = true, .min = 1, .max = POST_BODY_MAX,
        .doc = "The correction, Markdown; default: a sentence."),
    TRANSLATIONS_FIELD(update_texts_shape, "the correction"),
    FIELD(TEXT, reason, .min = 1, .max = 500, .doc = "Reason, for the audit log."),
    FIELD(BOOL, dry_run, .def = "false", .doc = "Only report the consequences; writes nothing."));

SHAPE_EXTERN(struct retracted_credits, retracted_credits_shape, "RetractedCredits",
    FIELD(INT, run, .required = true, .doc = "Id of the issued run."),
    FIELD(TEXT, policy, .required = true, .doc = "Its policy."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, credits, .required = true, .doc = "Number of its credits."),
    FIELD(INT, amount_minor, .required = true, .doc = "Their sum in minor units."));

SHAPE_EXTERN(struct retracted, retracted_shape, "Retracted",
    FIELD(TEXT, ref, .required = true, .doc = "Name in the API."),
    FIELD(TEXT, state, .required = true, .doc = "retracted."),
    FIELD(RAW, broadcast, .form = FORM_INT, .nullable = true,
        .doc = "Id of the broadcast of the correction, or null."),
    FIELD(INT, told, .doc = "In a dry run: subscribers who were sent a message about it."),
    FIELD(RAW, failed_runs, .required = true, .form = FORM_INTS,
        .doc = "Draft or approved credit runs that used it: they have failed, make new ones."),
    FIELD(RAW, issued, .required = true, .form = FORM_LIST, .of = &retracted_credits_shape,
        .doc = "Issued credits that used it. They stay: reconcile the runs or reverse them."));

SHAPE_STATIC(struct outcome, outcome_shape, "RetractOutcome", FIELD(INT, broadcast),
    FIELD(RAW, failed_runs));

STMT(retract_incident, "SELECT id FROM incident WHERE ref = $1 FOR NO KEY UPDATE", .row = &row_int);
STMT(retract_one,
    "SELECT out_broadcast_id AS broadcast, to_json(out_failed) AS failed_runs"
    " FROM amends.incident_retract($1, $2, $3::jsonb, $4, $5)",
    .row = &outcome_shape);
STMT(retract_told, "SELECT amends.incident_told($1)", .row = &row_int);
STMT(retract_issued, "SELECT amends.incident_credits($1)::text AS issued", .row = &row_text);

struct retraction {
    const struct call *c;
    struct retracted reply;
};

/* An entry of the ledger's chain for each run that failed. */
static enum rc pin(struct scope *s, struct db *db, const struct call *c, const char *failed_runs)
{
    json_t *runs, *run;
    size_t i;
    TRY(json_parse(s, failed_runs, strlen(failed_runs), &runs));
    json_array_foreach(runs, i, run)
    {
        struct ledger_event event = {
            .kind = "fail", .object = json_integer_value(run), .actor = call_actor(c)};
        TRY(ledger_add(s, db, c->api->keys, &event));
    }
    return RC_OK;
}

static enum rc retract(struct scope *s, struct db *db, void *arg)
{
    struct retraction *retraction = arg;
    const struct call *c = retraction->c;
    const struct retract *in = c->body;
    struct retracted *reply = &retraction->reply;
    struct outcome outcome;
    const char *translations;
    int64_t id;
    TRY(translations_check(s, &update_texts_shape, in->translations, &translations));
    TRY(IF_NONE(db_one(s, db, &retract_incident, PARAMS(P_TEXT(c->param[0])), &id),
        incident_missing(s, db, c->param[0])));
    reply->told = SHAPE_NONE;
    if (in->dry_run)
        TRY(db_one(s, db, &retract_told, PARAMS(P_INT(id)), &reply->told));
    TRY(db_one(s, db, &retract_one,
        PARAMS(P_INT(id), P_TEXT(in->body ? in->body : mistaken), P_TEXT(translations),
            P_BOOL(in->notify), P_INT(c->key->id)),
        &outcome));
    TRY(db_one(s, db, &retract_issued, PARAMS(P_INT(id)), &reply->issued));
    const struct posted posted = {.broadcast_id = outcome.broadcast};
    reply->ref = c->param[0];
    reply->state = "retracted";
    reply->broadcast = in->dry_run ? "null" : posted_broadcast(s, &posted);
    reply->failed_runs = outcome.failed_runs;
    if (in->dry_run)
        return RC_OK;
    json_t *reason = json_own(s, in->reason ? json_string(in->reason) : json_null());
    TRY(audit_add(s, db, call_actor(c), "incident.retract", c->param[0],
        scope_printf(s, "{\"reason\":%s,\"notify\":%s,\"failed_runs\":%s,\"issued\":%s}",
            json_text(s, reason), in->notify ? "true" : "false", outcome.failed_runs,
            reply->issued)));
    return pin(s, db, c, outcome.failed_runs);
}

enum rc incident_retract(struct call *c)
{
    struct retraction retraction = {.c = c};
    const struct retract *in = c->body;
    TRY(in->dry_run ? db_rehearse(c->s, c->db, retract, &retraction)
                    : db_txn(c->s, c->db, retract, &retraction));
    return reply_object(c, &retraction.reply);
}
