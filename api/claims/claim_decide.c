/* POST /v1/claims/{id}/decision: accept a claim, for a run to pay, or decline it with a reason. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/claims/claims.h"
#include "core/db/locks.h"

static const char *const decisions[] = {"accepted", "declined", NULL};
SHAPE_EXTERN(struct claim_decision, claim_decision_shape, "ClaimDecision",
    FIELD(TEXT, decision, .required = true, .one_of = decisions,
        .doc = "accepted: a run decides the amount; declined: the answer is sent at once."),
    FIELD(TEXT, message, .required = true, .multiline = true, .min = 1, .max = 4000,
        .doc = "The answer to the customer. Of an accepted claim it is sent when its credit is "
               "issued."));

STMT(claim_lock, "SELECT 1 FROM claim WHERE id = $1 FOR UPDATE");
/* A draft that pays the account for one of the incidents has counted the claim. */
STMT(claim_drafts,
    "SELECT coalesce(min(r.id), 0) AS id FROM claim k JOIN credit c ON c.account_id = k.account_id"
    "   JOIN credit_run r ON r.id = c.run_id AND r.state IN ('draft', 'approved')"
    "   JOIN policy p ON p.id = r.policy_id AND p.document ? 'claim'"
    " WHERE k.id = $1 AND EXISTS (SELECT FROM claim_incident x JOIN credit_run_incident i"
    "   ON i.run_id = r.id AND i.incident_id = x.incident_id WHERE x.claim_id = k.id)",
    .row = &row_int);
STMT(claim_settle, "UPDATE claim SET state = $2, answer = $3, decided_by = $4, decided_at = now()"
                   " WHERE id = $1");
STMT(claim_reply, "SELECT amends.claim_reply($1)");

struct deciding {
    struct call *c;
    int64_t id;
};

static enum rc check_drafts(struct scope *s, struct db *db, int64_t id)
{
    int64_t run;
    TRY(db_lock(s, db, LOCK_LEDGER, LOCK_EXCLUSIVE));
    TRY(db_one(s, db, &claim_drafts, PARAMS(P_INT(id)), &run));
    return run ? fail(s, RC_CONFLICT, "run %lld has a credit for this claim; void it first",
                     (long long)run)
               : RC_OK;
}

/* An accepted claim may still be declined, or accepted with another answer. */
static enum rc decide(struct scope *s, struct db *db, void *arg)
{
    const struct deciding *deciding = arg;
    const struct claim_decision *in = deciding->c->body;
    bool declined = !strcmp(in->decision, "declined");
    struct customer_claim claim;
    TRY(db_do(s, db, &claim_lock, PARAMS(P_INT(deciding->id)), NULL));
    TRY(claim_read(s, db, deciding->id, &claim));
    if (strcmp(claim.state, "open") != 0 && strcmp(claim.state, "accepted") != 0)
        return fail(s, RC_CONFLICT, "the claim is %s", claim.state);
    if (declined)
        TRY(check_drafts(s, db, claim.id));
    TRY(db_do(s, db, &claim_settle,
        PARAMS(P_INT(claim.id), P_TEXT(in->decision), P_TEXT(in->message),
            P_INT(deciding->c->key->id)),
        NULL));
    if (declined)
        TRY(db_do(s, db, &claim_reply, PARAMS(P_INT(claim.id)), NULL));
    return audit_add(s, db, call_actor(deciding->c), "claim.decide",
        scope_printf(s, "claim:%lld", (long long)claim.id),
        scope_printf(s, "{\"decision\":\"%s\"}", in->decision));
}

enum rc claim_decide(struct call *c)
{
    struct deciding deciding = {.c = c};
    TRY(call_id(c, 0, &deciding.id));
    TRY(db_txn(c->s, c->db, decide, &deciding));
    return claim_get(c);
}
