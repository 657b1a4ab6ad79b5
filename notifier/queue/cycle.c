#include "notifier/queue/cycle.h"

#include "core/crash_point.h"
#include "notifier/queue/recipients.h"

/* Positions in the pipe; -1: none. */
struct plan {
    struct db_pipe pipe;
    struct settlement settlement;
    int look;
    int claim[CHANNEL_COUNT];
    struct broadcast *broadcast[CHANNEL_COUNT];
};

static enum rc plan_claims(
    struct scope *s, struct cycle *cycle, const struct cycle_work *work, struct plan *plan)
{
    struct claimant *claimant = &cycle->claimant;
    for (enum channel c = 0; c < CHANNEL_COUNT; c++) {
        const struct range_pick *pick = &cycle->next[c];
        plan->claim[c] = -1;
        if (!work->wanted[c] || !pick->broadcast_id)
            continue;
        TRY(broadcast_get(
            s, claimant->db, claimant->broadcasts, pick->broadcast_id, &plan->broadcast[c]));
        plan->claim[c] = range_claim_add(s, &plan->pipe, pick, &cycle->pace[c], c,
            plan->broadcast[c], claimant->registration->id);
    }
    return RC_OK;
}

static bool any(const bool wanted[CHANNEL_COUNT])
{
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        if (wanted[c])
            return true;
    return false;
}

static enum rc make_batch(struct scope *s, struct cycle *cycle, struct plan *plan, enum channel c)
{
    struct claimant *claimant = &cycle->claimant;
    struct list rows;
    TRY(db_pipe_rows(s, &plan->pipe, plan->claim[c], &rows));
    const struct claimed *first = rows.at;
    range_claim_done(&cycle->pace[c], rows.n);
    if (!rows.n)
        return RC_OK;
    crash_point("claimed");
    struct recipients_spec spec = {
        .broadcast = plan->broadcast[c],
        .channel = c,
        .batch_id = first->batch_id,
        .lease = first->lease,
    };
    struct batch *batch = NULL;
    TRY(recipients_batch(s, claimant->db, claimant->broadcasts, &spec, &rows, &batch));
    registration_add(claimant->registration, batch);
    handover_batch(cycle->handover, batch);
    return RC_OK;
}

/* The batches are ours now. If one cannot be read to its end, because the database went away, the
 * registration is given up with it, and any notifier takes it over. */
static enum rc make_batches(struct scope *s, struct cycle *cycle, struct plan *plan)
{
    enum rc rc = RC_OK;
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        if (plan->claim[c] >= 0 && rc == RC_OK)
            rc = make_batch(s, cycle, plan, c);
    if (rc != RC_OK)
        registration_forget(cycle->claimant.registration);
    return rc;
}

static enum rc look_ahead(struct scope *s, struct cycle *cycle, const struct cycle_work *work,
    struct plan *plan, struct cycle_result *result)
{
    if (plan->look < 0)
        return RC_OK;
    TRY(range_claim_found(s, &plan->pipe, plan->look, work->wanted, cycle->next));
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        result->more[c] = cycle->next[c].broadcast_id != 0;
    return RC_OK;
}

enum rc cycle_run(
    struct scope *s, struct cycle *cycle, const struct cycle_work *work, struct cycle_result *ret)
{
    struct db *db = cycle->claimant.db;
    struct plan plan = {.pipe = {.db = db}, .look = -1};
    *ret = (struct cycle_result){0};
    TRY(registration_check(s, db, cycle->claimant.registration));
    settle_add(s, &plan.pipe, work->ended, work->n, work->again, &plan.settlement);
    TRY(plan_claims(s, cycle, work, &plan));
    if (any(work->wanted))
        plan.look = range_claim_look(s, &plan.pipe, work->wanted);
    if (work->n)
        crash_point("settling");
    if (plan.pipe.n)
        TRY(db_pipe_run(s, &plan.pipe));
    if (work->n)
        crash_point("settled");
    breakers_count(&cycle->breakers, work->ended, work->n);
    struct settled settled;
    TRY(settle_apply(s, &plan.pipe, cycle->claimant.registration, &plan.settlement, &settled));
    ret->settled = true;
    ret->finished = settled.finished;
    TRY(make_batches(s, cycle, &plan));
    breakers_hold(db, &cycle->breakers, cycle->claimant.registration,
        cycle->claimant.broadcasts->config->public_url);
    /* We hung for longer than our leases: send nothing more before we know which are lost. */
    if (settled.lost)
        TRY(registration_renew(s, db, cycle->claimant.registration));
    return look_ahead(s, cycle, work, &plan, ret);
}
