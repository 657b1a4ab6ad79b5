/* POST /v1/credit-runs, GET /v1/credit-runs/{id}: request a draft, read a run. */
#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/lookup.h"
#include "api/credits/credits.h"
#include "api/credits/run.h"

SHAPE_STATIC(struct run_period, run_period_shape, "RunPeriod",
    FIELD(TIME, from, .required = true, .doc = "Start of the period."),
    FIELD(TIME, to, .required = true, .doc = "End of the period, exclusive."));

struct new_run {
    const char *policy;
    int64_t version;
    struct texts incidents;
    struct run_period *period;
    int64_t reconcile;
    const char *reason;
};
const struct shape new_run_shape = SHAPE("CreditRunCreate", struct new_run,
    FIELD(TEXT, policy, .min = 1, .max = 100, .doc = "Name of the policy."),
    FIELD(INT, version, .min = 1, .max = 1000000,
        .doc = "Version of the policy; default: the newest."),
    FIELD(TEXTS, incidents, .max = 1000,
        .doc = "Refs of incidents; alternatively, a period. A policy that measures requests needs "
               "neither."),
    FIELD(OBJECT, period, .of = &run_period_shape,
        .doc = "The period: all incidents with impacts in it."),
    FIELD(INT, reconcile, .min = 1, .max = INT64_MAX,
        .doc = "Id of an issued run: draft the difference under the current impacts. Uses its "
               "policy and incidents; omit both."),
    FIELD(TEXT, reason, .required = true, .min = 1, .max = 500, .doc = "Reason, for the record."));

STMT(run_policy,
    "SELECT id FROM policy WHERE name = $1 AND ($2::integer IS NULL OR version = $2)"
    " ORDER BY version DESC LIMIT 1",
    .row = &row_int);
STMT(run_measures,
    "SELECT coalesce(document->'measure'->>'source' = 'requests', false) AS measures"
    " FROM policy WHERE id = $1",
    .row = &row_bool);
STMT(run_insert,
    "INSERT INTO credit_run (policy_id, period_from, period_to, reason, created_by)"
    " VALUES ($1, $2, $3, $4, $5) RETURNING id",
    .row = &row_int);
/* Pin the evidence: later corrections do not change this run. */
STMT(run_pin, "INSERT INTO credit_run_incident (run_id, incident_id, impact_revision_id)"
              " SELECT $1, id, impact_revision_id FROM incident WHERE id = ANY($2::bigint[])");
STMT(run_pin_period, "INSERT INTO credit_run_incident (run_id, incident_id, impact_revision_id)"
                     " SELECT DISTINCT $1::bigint, i.id, i.impact_revision_id FROM incident i"
                     "   JOIN impact m ON m.revision_id = i.impact_revision_id"
                     "  WHERE m.from_at < $3 AND coalesce(m.to_at, 'infinity') > $2"
                     "    AND m.level <> 'under_maintenance'");

/* A run needs evidence: incidents, or requests that were measured. */
static enum rc check_evidence(
    struct scope *s, struct db *db, int64_t policy, const struct new_run *in, bool *ret_measures)
{
    TRY(db_one(s, db, &run_measures, PARAMS(P_INT(policy)), ret_measures));
    if (*ret_measures || in->incidents.n || in->period)
        return RC_OK;
    return fail_field(s, RC_INVALID, "incidents", "give either incidents or a period");
}

static enum rc pin(
    struct scope *s, struct db *db, int64_t run, const struct new_run *in, bool measures)
{
    int64_t n;
    if (in->period) {
        TRY(db_do(s, db, &run_pin_period,
            PARAMS(P_INT(run), P_TIME(in->period->from), P_TIME(in->period->to)), &n));
        return n || measures ? RC_OK : fail_field(s, RC_INVALID, "period", "contains no impact");
    }
    int64_t *ids;
    TRY(lookup_incidents(s, db, &in->incidents, &ids));
    return db_do(s, db, &run_pin, PARAMS(P_INT(run), P_INTS(s, ids, in->incidents.n)), NULL);
}

struct creation {
    struct call *c;
    int64_t id;
};

static enum rc insert(struct scope *s, struct call *c, struct db *db, int64_t *ret)
{
    const struct new_run *in = c->body;
    int64_t policy;
    bool measures;
    if (in->reconcile != SHAPE_NONE)
        return run_reconcile_begin(s, c, db, in->reconcile, in->reason, ret);
    TRY(IF_NONE(db_one(s, db, &run_policy, PARAMS(P_TEXT(in->policy), P_INT(in->version)), &policy),
        fail_field(s, RC_INVALID, in->version == SHAPE_NONE ? "policy" : "version",
            "no policy \"%s\"", in->policy)));
    TRY(check_evidence(s, db, policy, in, &measures));
    struct param from = P_TIME(in->period ? in->period->from : SHAPE_NONE);
    struct param to = P_TIME(in->period ? in->period->to : SHAPE_NONE);
    TRY(db_one(s, db, &run_insert,
        PARAMS(P_INT(policy), from, to, P_TEXT(in->reason), P_INT(c->key->id)), ret));
    return pin(s, db, *ret, in, measures);
}

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    struct creation *creation = arg;
    int64_t id;
    TRY(insert(s, creation->c, db, &id));
    creation->id = id;
    TRY(audit_add(s, db, call_actor(creation->c), "credit_run.create",
        scope_printf(s, "credit_run:%lld", (long long)id), NULL));
    return run_wake(s, db, id);
}

static enum rc check(struct scope *s, const struct new_run *in)
{
    bool corrects = in->reconcile != SHAPE_NONE;
    if (corrects && (in->incidents.at || in->period || in->policy))
        return fail_field(
            s, RC_INVALID, "reconcile", "excludes other fields: the run's own policy applies");
    if (corrects)
        return RC_OK;
    if (!in->policy)
        return fail_field(s, RC_INVALID, "policy", "is required");
    if (in->incidents.at && in->period)
        return fail_field(s, RC_INVALID, "period", "give either incidents or a period");
    if (in->period && in->period->to <= in->period->from)
        return fail_field(s, RC_INVALID, "period.to", "must be later than from");
    return RC_OK;
}

enum rc run_create(struct call *c)
{
    struct creation creation = {.c = c};
    struct run run;
    TRY(check(c->s, c->body));
    TRY(db_txn(c->s, c->db, create, &creation));
    c->made = creation.id;
    TRY(run_read(c->s, c->db, c->made, &run));
    return run_reply(c, &run);
}

enum rc run_created(struct call *c)
{
    struct run run;
    run_listen(c->db);
    TRY(run_wait(c, c->made, "computing", &run));
    return run_reply(c, &run);
}

enum rc run_get(struct call *c)
{
    int64_t id;
    struct run run;
    TRY(call_id(c, 0, &id));
    TRY(run_read(c->s, c->db, id, &run));
    return run_reply(c, &run);
}
