#include "billing/run.h"

#include <string.h>

#include "billing/compute.h"
#include "core/crash_point.h"
#include "core/ledger/chain.h"
#include "core/ledger/compare.h"

static const struct shape step_shape = SHAPE("RunStep", struct run_step,
    FIELD(INT, id, .required = true), FIELD(TEXT, state, .required = true),
    FIELD(TEXT, failure, .max = 100000, .multiline = true), FIELD(INT, credits, .required = true));

/* The run is claimed until the end of the transaction. */
STMT(run_claim,
    "SELECT id FROM credit_run WHERE state IN ('computing', 'approved')"
    " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
    .row = &row_int);

STMT(run_drafted_now, "SELECT amends.credit_run_drafted($1)");
STMT(run_issue_now, "SELECT amends.credit_run_issue($1)");
STMT(run_done, "SELECT pg_notify('credit_run_done', $1::text)");
STMT(run_refuse, "SELECT amends.credit_run_fail($1, $2), pg_notify('credit_run_done', $1::text)");
STMT(run_record, "SELECT amends.credit_run_record($1)");

STMT(run_outcome,
    "SELECT id, state, failure, (SELECT count(*) FROM credit c WHERE c.run_id = r.id) AS credits"
    " FROM credit_run r WHERE id = $1",
    .row = &step_shape);

struct stepping {
    const struct sign *keys;
    struct run_step step;
};

/* NULL in *ret_why: the entry is there, ours, and its rows are as it says. */
static enum rc check_entry(struct scope *s, struct db *db, const struct sign *keys,
    const char *kind, int64_t run, const char **ret_why)
{
    struct entry entry;
    struct ledger_faults faults = {.s = s};
    enum rc rc = entry_find(s, db, kind, run, &entry);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (rc == RC_NOT_FOUND || !ledger_is_ours(keys, entry.signer, NULL) || !entry_is_signed(&entry))
        *ret_why = scope_printf(s,
            "no entry \"%s\" of the ledger's chain has a signature of ours: run amends ledger "
            "verify",
            kind);
    else
        TRY(ledger_compare(s, db, &entry, &faults));
    if (faults.n)
        *ret_why = scope_printf(
            s, "%s: %s; run amends ledger verify", faults.at[0].place, faults.at[0].fault);
    return RC_OK;
}

/* What a person approved is what was drafted: neither was changed behind our back. */
static enum rc check_chain(
    struct scope *s, struct db *db, const struct sign *keys, int64_t run, const char **ret_why)
{
    TRY(check_entry(s, db, keys, "draft", run, ret_why));
    return *ret_why ? RC_OK : check_entry(s, db, keys, "approve", run, ret_why);
}

static enum rc compute_step(struct scope *s, struct db *db, void *arg)
{
    const struct run_step *was = arg;
    bool holds = true;
    if (!strcmp(was->state, "computing")) {
        TRY(compute_draft(s, db, was->id));
        return db_do(s, db, &run_drafted_now, PARAMS(P_INT(was->id)), NULL);
    }
    TRY(compute_again(s, db, was->id, &holds));
    return holds ? db_do(s, db, &run_issue_now, PARAMS(P_INT(was->id)), NULL) : RC_OK;
}

static const char *why_of(struct scope *s)
{
    const struct fault *fault = &s->fault;
    return fault->field ? scope_printf(s, "%s %s", fault->field, fault->message) : fault->message;
}

/* A failure is recorded on the run for staff; what the step wrote is rolled back. */
enum rc run_step(struct scope *s, struct db *db, int64_t id)
{
    struct run_step was;
    TRY(db_one(s, db, &run_outcome, PARAMS(P_INT(id)), &was));
    enum rc rc = db_txn(s, db, compute_step, &was);
    if (rc == RC_RETRY)
        return rc;
    if (rc != RC_OK)
        return db_do(s, db, &run_refuse, PARAMS(P_INT(id), P_TEXT(why_of(s))), NULL);
    return db_do(s, db, &run_done, PARAMS(P_INT(id)), NULL);
}

static enum rc take(struct scope *s, struct db *db, const struct sign *keys, int64_t id)
{
    struct run_step was;
    const char *why = NULL;
    TRY(db_one(s, db, &run_outcome, PARAMS(P_INT(id)), &was));
    if (!strcmp(was.state, "approved"))
        TRY(check_chain(s, db, keys, id, &why));
    return why ? db_do(s, db, &run_refuse, PARAMS(P_INT(id), P_TEXT(why)), NULL)
               : run_step(s, db, id);
}

/* A run that failed as a draft has its rows: they are pinned, too. */
STMT(run_drafted,
    "SELECT drafted_at IS NOT NULL AND NOT EXISTS (SELECT FROM ledger_chain e"
    " WHERE e.kind = 'draft' AND e.object = r.id) AS drafted"
    " FROM credit_run r WHERE id = $1",
    .row = &row_bool);

static enum rc append_draft(struct scope *s, struct db *db, const struct sign *keys, int64_t id)
{
    bool drafted;
    TRY(db_one(s, db, &run_drafted, PARAMS(P_INT(id)), &drafted));
    if (!drafted)
        return RC_OK;
    return ledger_add(s, db, keys, &(struct ledger_event){.kind = "draft", .object = id});
}

/* The rows are read before the locks of audit and chain are taken. */
static enum rc append(
    struct scope *s, struct db *db, const struct sign *keys, const struct run_step *step)
{
    const char *kind = !strcmp(step->state, "draft")    ? "draft"
                       : !strcmp(step->state, "issued") ? "issue"
                                                        : "fail";
    struct ledger_draft draft;
    if (!strcmp(kind, "fail"))
        TRY(append_draft(s, db, keys, step->id));
    TRY(ledger_read(s, db, &(struct ledger_event){.kind = kind, .object = step->id}, &draft));
    enum rc rc = db_do(s, db, &run_record, PARAMS(P_INT(step->id)), NULL);
    if (rc == RC_OK)
        return ledger_append(s, db, keys, &draft);
    strbuf_release(&draft.marks);
    return rc;
}

static enum rc claim_and_step(struct scope *s, struct db *db, void *arg)
{
    struct stepping *stepping = arg;
    struct run_step step;
    int64_t id;
    TRY(db_unhurried(s, db)); /* a million accounts take longer than the session's timeout */
    TRY(db_one(s, db, &run_claim, NO_PARAMS, &id));
    crash_point("taken");
    TRY(take(s, db, stepping->keys, id));
    TRY(db_one(s, db, &run_outcome, PARAMS(P_INT(id)), &step));
    TRY(append(s, db, stepping->keys, &step));
    crash_point("written");
    stepping->step = step;
    return RC_OK;
}

enum rc run_next(struct scope *s, struct db *db, const struct sign *keys, struct run_step *ret)
{
    struct stepping stepping = {.keys = keys};
    TRY(db_txn(s, db, claim_and_step, &stepping));
    crash_point("committed");
    *ret = stepping.step;
    return RC_OK;
}
