/* POST /v1/claims/run: one draft run decides several accepted claims. */
#include <jansson.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/claims/claims.h"
#include "api/credits/run.h"

enum { CLAIMS_MAX = 1000 };

SHAPE_EXTERN(struct claim_run, claim_run_shape, "ClaimRunCreate",
    FIELD(JSON, claims, .required = true, .form = FORM_INTS,
        .doc = "Ids of accepted claims, at most 1000."),
    FIELD(TEXT, policy, .required = true, .min = 1, .max = 100, .doc = "Name of the policy."),
    FIELD(TEXT, reason, .required = true, .min = 1, .max = 500, .doc = "Reason, for the record."));

STMT(claim_run_lock,
    "SELECT k.id FROM claim k WHERE k.id = ANY($1::bigint[]) AND k.state = 'accepted'"
    " ORDER BY k.id FOR UPDATE",
    .row = &row_int);
/* A policy that asks no claim pays each account for every incident of its run. */
STMT(claim_run_mixed,
    "SELECT NOT coalesce((SELECT document ? 'claim' FROM policy WHERE name = $2 AND NOT helper"
    "   ORDER BY version DESC LIMIT 1), false)"
    " AND count(DISTINCT x.refs) > 1 AS mixed FROM (SELECT array_agg(i.incident_id"
    "   ORDER BY i.incident_id) AS refs FROM claim_incident i WHERE i.claim_id = ANY($1::bigint[])"
    "   GROUP BY i.claim_id) x",
    .row = &row_bool);
STMT(claim_run_make, "SELECT coalesce(amends.claim_run($1::bigint[], $2, $3, $4), 0) AS id",
    .row = &row_int);

struct running {
    struct call *c;
    int64_t *ids, run;
    size_t n;
};

static enum rc read_ids(struct scope *s, const json_t *list, struct running *ret)
{
    if (!json_is_array(list) || !json_array_size(list) || json_array_size(list) > CLAIMS_MAX)
        return fail_field(s, RC_INVALID, "claims", "must be 1 to 1000 ids");
    ret->ids = SCOPE_ARRAY(s, int64_t, json_array_size(list));
    for (; ret->n < json_array_size(list); ret->n++) {
        const json_t *id = json_array_get(list, ret->n);
        if (!json_is_integer(id))
            return fail_field(s, RC_INVALID, "claims", "must be 1 to 1000 ids");
        ret->ids[ret->n] = json_integer_value(id);
    }
    return RC_OK;
}

static enum rc check_accepted(struct scope *s, struct db *db, const struct running *running)
{
    struct list rows;
    TRY(db_all(s, db, &claim_run_lock, PARAMS(P_INTS(s, running->ids, running->n)), &rows));
    for (size_t i = 0; i < running->n; i++) {
        bool found = false;
        for (size_t k = 0; k < rows.n; k++)
            found = found || ((const int64_t *)rows.at)[k] == running->ids[i];
        if (!found)
            return fail_field(
                s, RC_CONFLICT, "claims", "claim %lld is not accepted", (long long)running->ids[i]);
    }
    return RC_OK;
}

static enum rc make(struct scope *s, struct db *db, void *arg)
{
    struct running *running = arg;
    const struct claim_run *in = running->c->body;
    struct param ids = P_INTS(s, running->ids, running->n);
    bool mixed;
    TRY(check_accepted(s, db, running));
    TRY(db_one(s, db, &claim_run_mixed, PARAMS(ids, P_TEXT(in->policy)), &mixed));
    if (mixed)
        return fail_field(s, RC_INVALID, "policy",
            "asks no claim, so it pays all incidents of its run: choose claims of the same "
            "incidents");
    TRY(db_one(s, db, &claim_run_make,
        PARAMS(ids, P_TEXT(in->policy), P_TEXT(in->reason), P_INT(running->c->key->id)),
        &running->run));
    if (!running->run)
        return fail_field(s, RC_INVALID, "policy", "no policy \"%.100s\"", in->policy);
    TRY(audit_add(s, db, call_actor(running->c), "credit_run.create",
        scope_printf(s, "credit_run:%lld", (long long)running->run), NULL));
    return run_wake(s, db, running->run);
}

enum rc claim_run(struct call *c)
{
    const struct claim_run *in = c->body;
    struct running running = {.c = c};
    struct run run;
    TRY(read_ids(c->s, in->claims, &running));
    run_listen(c->db);
    TRY(db_txn(c->s, c->db, make, &running));
    TRY(run_wait(c, running.run, "computing", &run));
    return run_reply(c, &run);
}
